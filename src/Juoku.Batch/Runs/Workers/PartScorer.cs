using System.Security.Cryptography;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Writing;
using Juoku.Forest;

namespace Juoku.Batch.Runs.Workers;

/// <summary>Predicts parts of runs: stores in, stores out, models from the cache.</summary>
/// <param name="models">Loads models.</param>
/// <param name="threads">Threads that decode and score, over all parts at once.</param>
public sealed class PartScorer(LoadedModels models, int threads)
{
    private readonly ParallelOptions _parallel = new()
    {
        MaxDegreeOfParallelism = threads,
        TaskScheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler,
    };

    /// <summary>Predicts a part; a <see cref="PartScoring"/>.</summary>
    public async Task<PartOutput> ScoreAsync(RunRecords run, RunPart part, CancellationToken cancellation)
    {
        RunPlan plan = run.Plan;
        LoadedModel model = await models.GetAsync(plan.Model, cancellation).ConfigureAwait(false);
        var item = new StoredObject(plan.Input.Prefix + part.Input.Key, part.Input.Length, part.Input.ETag, default);
        RowGroupRange? groups = part.Groups is null && part.FirstGroup == 0 ? null : new RowGroupRange(part.FirstGroup, part.FirstGroup + (part.Groups ?? 0));
        using TableSource table = TableSource.Open(TableInput.Of(run.Input, item), plan.Settings.HasHeader, groups, cancellation);
        var options = new PredictionOptions { Model = "", Inputs = [""], Output = "", Keys = plan.Settings.Keys, HasHeader = plan.Settings.HasHeader };
        TableBinding binding = TableBinding.Bind(table, model.Forest, model.Categories, options);
        var output = new PredictionOutput(new OutputTable(part.OutputName, TableFormat.FromName(part.OutputName)!.Value, binding.Keys, ["prediction"], true), PredictionLane.BatchRows);
        await using ObjectWriter writer = await run.Output.CreateAsync(plan.OutputFolder + part.OutputName, cancellation).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using TableWriter rows = TableWriter.Create(output.Table, writer.Stream);
        var histogram = new ScoreHistogram();
        var lane = new PredictionLane(model.Forest, ScoreKind.Prediction, _parallel);
        long count = 0;
        foreach (TablePiece piece in table.Pieces(binding.Selection, cancellation))
        {
            using TablePiece open = piece;
            lane.Begin(new PieceWork(output, piece, binding));
            while (lane.Next() is { } batch)
            {
                rows.Write(batch.Rows);
                count += batch.Rows.Count;
                histogram.Add(batch.Rows.Scores.AsSpan(0, batch.Rows.Count));
                output.Return(batch);
            }
        }

        rows.Complete();
        StoredObject put = await writer.CompleteAsync(cancellation).ConfigureAwait(false);
        return new PartOutput(part.OutputName, put.Length, "", count, 0, null, histogram.Summary());
    }
}
