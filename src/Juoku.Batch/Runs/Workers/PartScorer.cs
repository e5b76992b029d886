using System.Collections.Concurrent;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Runs.Workers;

/// <summary>
/// Predicts parts of runs: stores in, stores out, models from the cache, by the pipeline of <c>juoku predict</c>. Pipelines are kept from part
/// to part; as many exist as parts are in hand.
/// </summary>
/// <param name="models">Loads models.</param>
/// <param name="threads">Threads that decode and score one part.</param>
public sealed class PartScorer(LoadedModels models, int threads)
{
    private const int ModelsRemembered = 3;

    private readonly ConcurrentDictionary<string, ConcurrentBag<PartPrediction>> _idle = new();

    /// <summary>Predicts a part; a <see cref="PartScoring"/>.</summary>
    /// <exception cref="TableException">The part is bad, or does not fit the model.</exception>
    /// <exception cref="ObjectChangedException">The part's file is gone, or another version.</exception>
    /// <exception cref="ModelFilesException">The model is not what it must be.</exception>
    public async Task<PartOutput> ScoreAsync(RunRecords run, RunPart part, CancellationToken cancellation)
    {
        RunPlan plan = run.Plan;
        string pipelines = $"{plan.Model.ContentDigest()} {plan.ConfigDigest}";
        PartPrediction prediction = Idle(pipelines).TryTake(out PartPrediction? idle)
            ? idle
            : new PartPrediction(await models.GetAsync(plan.Model, cancellation).ConfigureAwait(false), Options(plan.Settings));
        string key = plan.OutputFolder + part.OutputName;
        var item = new StoredObject(plan.Input.Prefix + part.Input.Key, part.Input.Length, part.Input.ETag, default);
        var rejects = new RejectFile(plan.Settings.MaxRejectShare);
        PartStatistics statistics;
        await using (ObjectWriter writer = await run.Output.CreateAsync(key, cancellation).ConfigureAwait(false))
        {
            statistics = await prediction.RunAsync(
                TableInput.Of(run.Input, item), part.Range, writer.Stream, $"{run.Output.Url.TrimEnd('/')}/{key}", rejects.Add, cancellation).ConfigureAwait(false);
            rejects.CheckShare(part, statistics.Rows);
            await writer.CompleteAsync(cancellation).ConfigureAwait(false);
        }

        string? rejectName = await rejects.PutAsync(run, part, cancellation).ConfigureAwait(false);
        Idle(pipelines).Add(prediction); // only after a success: what failed may be in any state
        return new PartOutput(part.OutputName, statistics.OutputBytes, statistics.OutputSha256, statistics.Rows, statistics.RejectedRows, statistics.KeyedRows,
            rejectName, ScoreSummary.Of(statistics));
    }

    /// <summary>How parts are predicted under a run's settings.</summary>
    public static PartOptions OptionsOf(RunSettings settings, int threads) => new()
    {
        Keys = settings.Keys,
        Raw = settings.Raw,
        HasHeader = settings.HasHeader,
        ScoreType = settings.Float ? ScoreType.Float : ScoreType.Double,
        Threads = threads,
    };

    private PartOptions Options(RunSettings settings) => OptionsOf(settings, threads);

    private ConcurrentBag<PartPrediction> Idle(string pipelines)
    {
        if (_idle.Count > ModelsRemembered && !_idle.ContainsKey(pipelines)) _idle.Clear();
        return _idle.GetOrAdd(pipelines, _ => []);
    }
}
