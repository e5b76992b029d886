using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Forest;
using Juoku.Learning.Features;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

/// <summary>Out of one registry and into another.</summary>
public sealed class ModelExportTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly Scratch _other = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _scratch.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Export_ThenImport_KeepsFilesAndLineage()
    {
        ModelManifest manifest = await _scratch.RegisterAsync(0.5, logLoss: 0.25, parent: "ctr/9");
        await ModelExport.RunAsync(_scratch.Registry, manifest, _scratch["out"], Cancel);

        ModelManifest imported = await ImportAsync(_scratch["out"]);

        Assert.Equal(["SHA256SUMS", "manifest.json", "model.txt", "report.html"], Names(_scratch["out"]));
        Assert.Equal((manifest.Data, manifest.Parent, "ctr/1"), (imported.Data, imported.Parent, imported.Origin));
        Assert.Equal(manifest.Files, imported.Files);
        Assert.Equal("mine/1", imported.Reference);
        Assert.All(await new ModelVerification(_other.Registry).RunAsync("mine", 1, Cancel), file => Assert.Null(file.Problem));
    }

    [Fact]
    public async Task Export_DamagedVersion_LeavesNothing()
    {
        ModelManifest manifest = await _scratch.RegisterAsync();
        await File.AppendAllTextAsync(_scratch["models/ctr/1/report.html"], "!", Cancel);

        await Assert.ThrowsAsync<RegistryException>(() => ModelExport.RunAsync(_scratch.Registry, manifest, _scratch["out"], Cancel));

        Assert.Equal(["models"], Names(_scratch.Folder));
    }

    [Fact]
    public async Task Export_IntoFolderWithSomethingInIt_IsRefused()
    {
        ModelManifest manifest = await _scratch.RegisterAsync();
        Directory.CreateDirectory(_scratch["empty"]);

        await Assert.ThrowsAsync<UsageException>(() => ModelExport.RunAsync(_scratch.Registry, manifest, _scratch.Folder, Cancel));
        await ModelExport.RunAsync(_scratch.Registry, manifest, _scratch["empty"] + "/", Cancel);

        Assert.Contains("model.txt", Names(_scratch["empty"]));
    }

    [Theory]
    [InlineData("model.txt")]
    [InlineData("manifest.json")]
    public async Task Import_EditedExport_IsRefused(string name)
    {
        ModelManifest manifest = await _scratch.RegisterAsync();
        await ModelExport.RunAsync(_scratch.Registry, manifest, _scratch["out"], Cancel);
        await File.AppendAllTextAsync(_scratch["out/" + name], "\n", Cancel);

        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => ImportAsync(_scratch["out"]));

        Assert.StartsWith(_scratch["out/" + name] + ": differs from what was exported", error.Message, StringComparison.Ordinal);
        Assert.Empty(Names(_other.Folder));
    }

    [Fact]
    public async Task Import_PlainModel_KnowsItsFeaturesAndParameters()
    {
        await File.WriteAllTextAsync(_scratch["a.txt"], TinyModel.Text(), Cancel);
        await File.WriteAllTextAsync(_scratch["a.categories.json"], "{\"age\": [\"young\", \"old\"]}", Cancel);

        ModelManifest imported = await ImportAsync(_scratch["a.txt"]);

        Assert.Equal([new FeatureColumn("age", ColumnRole.Feature, FeatureType.Categorical)], imported.Features);
        Assert.Equal("gbdt", imported.Parameters["boosting"]);
        Assert.Equal(["model.txt", "model.categories.json"], imported.Files.Select(file => file.Name));
        Assert.Equal((_scratch["a.txt"], null, null), (imported.Origin, imported.Code, imported.Data));
    }

    [Fact]
    public async Task Import_WhatDoesNotFit_IsRefused()
    {
        await File.WriteAllTextAsync(_scratch["a.txt"], TinyModel.Text(), Cancel);
        await File.WriteAllTextAsync(_scratch["c.json"], "{\"colour\": [\"red\"]}", Cancel);
        await File.WriteAllTextAsync(_scratch["b.txt"], "tree\n", Cancel);

        await Assert.ThrowsAsync<TableException>(() => ImportAsync(_scratch["a.txt"], _scratch["c.json"]));
        await Assert.ThrowsAsync<NotFoundException>(() => ImportAsync(_scratch["a.txt"], _scratch["d.json"]));
        await Assert.ThrowsAsync<ModelFormatException>(() => ImportAsync(_scratch["b.txt"]));
        await Assert.ThrowsAsync<NotFoundException>(() => ImportAsync(_scratch["c.txt"]));
        await Assert.ThrowsAsync<NotFoundException>(() => ImportAsync(_scratch.Folder));
        Assert.Empty(Names(_other.Folder));
    }

    private Task<ModelManifest> ImportAsync(string path, string? categories = null) => ModelImport.RunAsync(_other.Registry, "mine", path, categories, Cancel);

    private static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
