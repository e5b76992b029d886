using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Forest;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Evaluation;

/// <summary>A model to evaluate, with what is known of its training.</summary>
/// <param name="Name">What to call it: <c>ctr/12</c>, or a path.</param>
/// <param name="Model">The model.</param>
/// <param name="Text">Its <c>model.txt</c>.</param>
/// <param name="Profile">Its features at training; null where that was not kept.</param>
/// <param name="Manifest">Where it comes from; null for a model outside a registry.</param>
public sealed record EvaluatedModel(string Name, LoadedModel Model, ReadOnlyMemory<byte> Text, FeatureProfile? Profile, ModelManifest? Manifest)
{
    /// <summary>Opens a model by reference (<c>ctr@champion</c>) or by the path of its <c>model.txt</c>.</summary>
    /// <exception cref="ModelNotFoundException">There is no such model.</exception>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The model cannot be scored.</exception>
    public static async Task<EvaluatedModel> OpenAsync(string reference, IStore store, Adapters adapters, CancellationToken cancellation)
    {
        if (File.Exists(reference)) return await LoadAsync(reference, reference, null, null, cancellation).ConfigureAwait(false);
        if (ModelReference.TryParse(reference) is not { } model)
            throw new NotFoundException($"{reference}: neither a model file nor the name of a model; write a path, ctr, ctr/12 or ctr@champion");

        var registry = new ModelRegistry(store);
        ModelManifest manifest = await registry.ResolveAsync(model, cancellation).ConfigureAwait(false);
        PinnedModel pinned = registry.Pin(manifest);
        string folder = await new ModelCache(adapters).FetchAsync(pinned, cancellation).ConfigureAwait(false);
        StoredBytes? profile = await store.GetAsync(pinned.Folder + FeatureProfile.FileName, cancellation).ConfigureAwait(false);
        return await LoadAsync(
            manifest.Reference, Path.Combine(folder, PinnedModel.ModelFile), manifest, profile is null ? null : FeatureProfile.Parse(profile.Content.Span, FeatureProfile.FileName),
            cancellation).ConfigureAwait(false);
    }

    private static async Task<EvaluatedModel> LoadAsync(string name, string path, ModelManifest? manifest, FeatureProfile? profile, CancellationToken cancellation)
    {
        string beside = Path.Combine(Path.GetDirectoryName(path) ?? "", FeatureProfile.FileName);
        if (profile is null && File.Exists(beside)) profile = FeatureProfile.Parse(await File.ReadAllBytesAsync(beside, cancellation).ConfigureAwait(false), beside);
        return new EvaluatedModel(name, LoadedModel.Load(path), await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false), profile, manifest);
    }
}
