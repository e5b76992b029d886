using System.Collections.Immutable;
using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Learning.Registry;

namespace Juoku.App;

/// <summary>Finds the file of a model that a command line names: a path, or a model of the registry.</summary>
internal static class RegisteredModel
{
    /// <summary>
    /// The path of a model text. What is a file is that file; what else looks like <c>ctr</c>, <c>ctr/12</c> or <c>ctr@champion</c> is looked up
    /// in the store and fetched into the cache.
    /// </summary>
    /// <exception cref="NotFoundException">There is neither such a file nor such a model.</exception>
    public static async Task<string> LocateAsync(string model, ParseResult arguments, CancellationToken cancellation)
    {
        if (File.Exists(model) || ModelReference.TryParse(model) is not { } reference) return model;
        await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
        var registry = new ModelRegistry(store);
        PinnedModel pinned;
        try
        {
            pinned = registry.Pin(await registry.ResolveAsync(reference, cancellation));
        }
        catch (ModelNotFoundException e)
        {
            throw new NotFoundException($"{model}: no such model file, and {e.Message}");
        }

        return Path.Combine(await new ModelCache(Connections.Adapters).FetchAsync(pinned, cancellation), PinnedModel.ModelFile);
    }

    /// <summary>Pins a model for a run: a model text, or a model of the registry in the store; with what it was worth at its training, where that is known.</summary>
    /// <exception cref="NotFoundException">There is neither such a file nor such a model.</exception>
    public static async Task<(PinnedModel Model, ImmutableSortedDictionary<string, double> Metrics)> PinAsync(string model, IStore store, CancellationToken cancellation)
    {
        if (File.Exists(model) || ModelReference.TryParse(model) is not { } reference)
            return (await PinnedModel.OfFileAsync(model, cancellation), ImmutableSortedDictionary<string, double>.Empty);
        var registry = new ModelRegistry(store);
        try
        {
            ModelManifest manifest = await registry.ResolveAsync(reference, cancellation);
            PinnedModel pinned = registry.Pin(manifest);
            return (pinned with { Store = StoreLocation.AbsoluteUrl(pinned.Store) }, manifest.Metrics);
        }
        catch (ModelNotFoundException e)
        {
            throw new NotFoundException($"{model}: no such model file, and {e.Message}");
        }
    }
}
