using System.Collections.Immutable;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

public sealed class ModelVerificationTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Run_AsRegistered_FindsNothing()
    {
        await _scratch.RegisterAsync();

        ImmutableArray<CheckedFile> files = await RunAsync();

        Assert.Equal(["SHA256SUMS", "manifest.json", "model.txt", "report.html"], files.Select(file => Path.GetFileName(file.Url)));
        Assert.All(files, file => Assert.Null(file.Problem));
        Assert.All(files, file => Assert.Equal(new FileInfo(file.Url).Length, file.Length));
    }

    [Theory]
    [InlineData("model.txt")]
    [InlineData("report.html")]
    [InlineData("manifest.json")]
    public async Task Run_AfterOneBitChanged_NamesThatFile(string name)
    {
        await _scratch.RegisterAsync();
        byte[] bytes = await File.ReadAllBytesAsync(_scratch[$"models/ctr/1/{name}"], Cancel);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_scratch[$"models/ctr/1/{name}"], bytes, Cancel);

        CheckedFile bad = Assert.Single(await RunAsync(), file => file.Problem is not null);

        Assert.Equal(_scratch[$"models/ctr/1/{name}"], bad.Url);
        Assert.StartsWith("differs: its SHA-256 is ", bad.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.txt")]
    [InlineData("report.html")]
    [InlineData("manifest.json")]
    [InlineData("SHA256SUMS")]
    public async Task Run_AfterOneFileWentMissing_NamesThatFile(string name)
    {
        await _scratch.RegisterAsync();
        File.Delete(_scratch[$"models/ctr/1/{name}"]);

        CheckedFile bad = Assert.Single(await RunAsync(), file => file.Problem is not null);

        Assert.Equal((_scratch[$"models/ctr/1/{name}"], (long?)null, "is missing"), (bad.Url, bad.Length, bad.Problem));
    }

    [Fact]
    public async Task Run_AfterSomethingWasAdded_NamesIt()
    {
        await _scratch.RegisterAsync();
        await File.WriteAllTextAsync(_scratch["models/ctr/1/model.calibration.json"], "{}", Cancel);

        Assert.Equal(_scratch["models/ctr/1/model.calibration.json"], Assert.Single(await RunAsync(), file => file.Problem is not null).Url);
    }

    [Fact]
    public async Task Run_ManifestAndModelBothEdited_NamesBoth()
    {
        ModelManifest manifest = await _scratch.RegisterAsync();
        await File.AppendAllTextAsync(_scratch["models/ctr/1/model.txt"], "\n", Cancel);
        string edited = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(_scratch["models/ctr/1/model.txt"], Cancel)));
        string text = await File.ReadAllTextAsync(_scratch["models/ctr/1/manifest.json"], Cancel);
        await File.WriteAllTextAsync(_scratch["models/ctr/1/manifest.json"], text.Replace(manifest.Digest, edited, StringComparison.Ordinal), Cancel);

        Assert.Equal(["manifest.json", "model.txt"], (await RunAsync()).Where(file => file.Problem is not null).Select(file => Path.GetFileName(file.Url)));
    }

    [Theory]
    [InlineData("{\"alias\": \"champion\", \"version\": 1", "is damaged (")]
    [InlineData("{\"alias\": \"champion\", \"version\": 1, \"history\": []}", "is damaged (its last move")]
    [InlineData("{\"alias\": \"champion\", \"version\": 7, \"history\": [{\"id\": \"00000000-0000-0000-0000-000000000000\", \"at\": \"2026-11-25T00:00:00Z\", \"by\": \"x\", \"kind\": \"Promotion\", \"from\": null, \"to\": 7, \"reason\": \"first\"}]}", "names ctr/7, which is not there")]
    public async Task RunAliases_Damaged_NamesThem(string content, string problem)
    {
        await _scratch.RegisterAsync();
        Directory.CreateDirectory(_scratch["models/ctr/aliases"]);
        await File.WriteAllTextAsync(_scratch["models/ctr/aliases/champion.json"], content, Cancel);

        CheckedFile bad = Assert.Single(await new ModelVerification(_scratch.Registry).RunAliasesAsync("ctr", Cancel));

        Assert.Equal(_scratch["models/ctr/aliases/champion.json"], bad.Url);
        Assert.StartsWith(problem, bad.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RegistryException>(() => _scratch.Registry.ResolveAsync(ModelReference.Parse("ctr"), Cancel));
    }

    private Task<ImmutableArray<CheckedFile>> RunAsync() => new ModelVerification(_scratch.Registry).RunAsync("ctr", 1, Cancel);
}
