using System.Text;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Forest;
using Juoku.Learning.Features;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-registry-tests-");
    private readonly FileStore _store;
    private readonly ModelRegistry _registry;

    public ModelRegistryTests()
    {
        _store = FileStore.Open(_folder.FullName);
        _registry = new ModelRegistry(_store, "tester@here");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Register_Twice_GivesVersionsOneAndTwoThatReadBack()
    {
        ModelManifest first = await RegisterAsync(0.5);
        ModelManifest second = await RegisterAsync(0.7);

        Assert.Equal((1, 2), (first.Version, second.Version));
        ModelManifest found = await _registry.ResolveAsync(ModelReference.Parse("ctr/1"), Cancel);
        Assert.Equal(first.Digest, found.Digest);
        Assert.Equal(first.Files, found.Files);
        Assert.Equal(first.Created, found.Created);
        Assert.Equal(ForestModel.Parse(Encoding.UTF8.GetBytes(TinyModel.Text(0.5))).Digest, found.Digest);
        Assert.Equal(2, (await _registry.ResolveAsync(ModelReference.Parse("ctr@latest"), Cancel)).Version);
        Assert.Equal([1, 2], await _registry.VersionsAsync("ctr", Cancel));
        Assert.Equal(["ctr"], await _registry.NamesAsync(Cancel));
    }

    [Fact]
    public async Task Register_FullManifest_ReadsBackWhole()
    {
        var draft = new ModelManifest
        {
            Name = "ctr",
            Code = new CodeSource("abc", Dirty: true, "https://example.org/ads.git"),
            Data = new TrainingData("s3://b", "clicks", new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 20), new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 22), 12, "d", 0.1),
            Parameters = new Dictionary<string, string> { ["num_leaves"] = "31" }.ToSorted(),
            ConfigDigest = "c",
            Features = [new FeatureColumn("age", ColumnRole.Feature, FeatureType.Numeric)],
            Metrics = new Dictionary<string, double> { ["log_loss"] = 0.25, ["calibration"] = double.NaN }.ToSorted(),
            Parent = "ctr/7",
            Versions = new Dictionary<string, string> { ["lightgbm"] = "4.7.0" }.ToSorted(),
        };
        await _registry.RegisterAsync(draft, TinyModel.Files(), Cancel);

        ModelManifest found = await _registry.ResolveAsync(ModelReference.Parse("ctr/1"), Cancel);

        Assert.Equal((draft.Code, draft.Data, draft.ConfigDigest, draft.Parent), (found.Code, found.Data, found.ConfigDigest, found.Parent));
        Assert.Equal(draft.Parameters, found.Parameters);
        Assert.Equal(draft.Features, found.Features);
        Assert.Equal(draft.Metrics, found.Metrics);
        Assert.Equal(draft.Versions, found.Versions);
    }

    [Fact]
    public async Task Register_ManyAtOnce_GivesEveryoneAVersionOfTheirOwn()
    {
        ModelManifest[] made = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(() => RegisterAsync(i))));

        Assert.Equal(Enumerable.Range(1, 20), made.Select(manifest => manifest.Version).Order());
        foreach (ModelManifest manifest in made) Assert.Equal(manifest.Files, (await _registry.FindAsync("ctr", manifest.Version, Cancel))!.Files);
    }

    [Theory]
    [InlineData("Ctr")]
    [InlineData("7ctr")]
    [InlineData("ctr/1")]
    [InlineData("../ctr")]
    [InlineData("")]
    public async Task Register_BadName_IsRefused(string name)
    {
        await Assert.ThrowsAsync<UsageException>(() => _registry.RegisterAsync(new ModelManifest { Name = name }, TinyModel.Files(), Cancel));
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Fact]
    public async Task Register_WhatCannotBeScored_IsRefused()
    {
        await Assert.ThrowsAsync<ModelFormatException>(() => _registry.RegisterAsync(new ModelManifest { Name = "ctr" }, [new ModelUpload("model.txt", "tree"u8.ToArray())], Cancel));
        await Assert.ThrowsAsync<RegistryException>(() => _registry.RegisterAsync(new ModelManifest { Name = "ctr" }, [TinyModel.Files()[1]], Cancel));
        await Assert.ThrowsAsync<RegistryException>(() => _registry.RegisterAsync(new ModelManifest { Name = "ctr" }, [TinyModel.Files()[0], new ModelUpload("manifest.json", default)], Cancel));
        await Assert.ThrowsAsync<RegistryException>(() => _registry.RegisterAsync(
            new ModelManifest { Name = "ctr", Features = [new FeatureColumn("price", ColumnRole.Feature)] }, TinyModel.Files(), Cancel));
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Theory]
    [InlineData("other", "no model 'other'; there is ctr")]
    [InlineData("ctr/3", "no version ctr/3; there is ctr/1")]
    [InlineData("ctr", "ctr has no champion yet; promote a version, or name one: ctr/1")]
    [InlineData("ctr@canary", "no alias ctr@canary; there is ctr@latest")]
    public async Task Resolve_WhatIsNotThere_SaysWhatIs(string reference, string message)
    {
        await RegisterAsync(0.5);

        ModelNotFoundException error = await Assert.ThrowsAsync<ModelNotFoundException>(() => _registry.ResolveAsync(ModelReference.Parse(reference), Cancel));

        Assert.Equal($"{_folder.FullName}: {message}", error.Message);
    }

    [Theory]
    [InlineData("{\"name\": \"ctr\", \"vers")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"name\": \"ctr\", \"version\": 1, \"created\": \"2026-11-25T00:00:00+00:00\"}")]
    [InlineData("{\"name\": \"ctr\", \"version\": 1, \"created\": \"2026-11-25T00:00:00+00:00\", \"files\": []}")]
    [InlineData("{\"name\": \"ctr\", \"version\": 1, \"created\": \"2026-11-25T00:00:00+00:00\", \"files\": null}")]
    [InlineData("{\"name\": \"ctr\", \"version\": 2, \"created\": \"2026-11-25T00:00:00+00:00\", \"files\": []}")]
    public async Task Resolve_DamagedManifest_NamesIt(string content)
    {
        await RegisterAsync(0.5);
        string path = Path.Combine(_folder.FullName, "models", "ctr", "1", "manifest.json");
        await File.WriteAllTextAsync(path, content, Cancel);

        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => _registry.ResolveAsync(ModelReference.Parse("ctr/1"), Cancel));

        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Pin_ThenFetch_BringsWhatScoringNeeds()
    {
        ModelManifest manifest = await RegisterAsync(0.5);
        var cache = new ModelCache(Batch.Adapters.Local, Path.Combine(_folder.FullName, "cache"));

        string folder = await cache.FetchAsync(_registry.Pin(manifest), Cancel);

        Assert.Equal(manifest.Digest, PredictionModel.Load(Path.Combine(folder, "model.txt")).Forest.Digest);
        Assert.Equal(["model.txt"], Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)));
    }

    private Task<ModelManifest> RegisterAsync(double leaf) => _registry.RegisterAsync(new ModelManifest { Name = "ctr" }, TinyModel.Files(leaf), Cancel);
}
