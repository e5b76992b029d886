using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Stores;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Evaluation;

/// <summary>Measures registered models on the held-out days of one of them, so that a promotion compares like with like.</summary>
/// <param name="registry">Where the models lie.</param>
/// <param name="adapters">Open the store of the days, which may be another than the registry's.</param>
/// <param name="progress">Told what is being measured.</param>
public sealed class HeldOutEvaluator(ModelRegistry registry, Adapters adapters, IProgress<string>? progress = null)
{
    /// <summary>Measures a version; a <see cref="HeldOutEvaluation"/>.</summary>
    public async Task<ImmutableSortedDictionary<string, double>> RunAsync(ModelManifest model, TrainingData heldOut, CancellationToken cancellation)
    {
        progress?.Report(string.Create(CultureInfo.InvariantCulture, $"measuring {model.Reference} on {heldOut.Set} {heldOut.MeasuredFrom:yyyy-MM-dd} to {heldOut.ValidTo:yyyy-MM-dd}"));
        string folder = await new ModelCache(adapters).FetchAsync(registry.Pin(model), cancellation).ConfigureAwait(false);
        await using IStore store = adapters.OpenStore(heldOut.Store);
        var options = new EvaluationOptions { Model = Path.Combine(folder, PinnedModel.ModelFile), Set = heldOut.Set, From = heldOut.MeasuredFrom, To = heldOut.ValidTo };
        EvaluationResult result = await new Evaluator(store, adapters).RunAsync(options, cancellation).ConfigureAwait(false);
        return result.Metrics.Named();
    }
}
