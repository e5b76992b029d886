using System.Collections.Immutable;
using Juoku.Batch.Stores;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

/// <summary>A registry in a folder of a test's own, gone when the test is.</summary>
internal sealed class Scratch : IDisposable
{
    public static readonly DateOnly HeldOut = new(2026, 11, 21);

    public Scratch()
    {
        Store = FileStore.Open(Folder);
        Registry = new ModelRegistry(Store, "tester@here");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("juoku-registry-tests-").FullName;

    public FileStore Store { get; }

    public ModelRegistry Registry { get; }

    public string this[string key] => Path.Combine([Folder, .. key.Split('/')]);

    /// <summary>Registers a version of <c>ctr</c>; with a log loss, one that was measured on a held-out day.</summary>
    public Task<ModelManifest> RegisterAsync(double leaf = 0.5, double? logLoss = null, DateOnly? heldOut = null, string? parent = null) => Registry.RegisterAsync(
        new ModelManifest { Name = "ctr", Parent = parent, Data = logLoss is null ? null : Data(heldOut ?? HeldOut), Metrics = Metrics(logLoss) }, TinyModel.Files(leaf), CancellationToken.None);

    public static TrainingData Data(DateOnly heldOut) =>
        new("./data", "clicks", heldOut.AddDays(-20), heldOut.AddDays(-1), heldOut, heldOut, 1000, "d", 0.1);

    public static ImmutableSortedDictionary<string, double> Metrics(double? logLoss) => logLoss is { } loss
        ? ImmutableSortedDictionary<string, double>.Empty.Add(HeldOutComparison.Metric, loss)
        : ImmutableSortedDictionary<string, double>.Empty;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
