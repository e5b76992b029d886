using System.Runtime.CompilerServices;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>Watches a run. Each look costs a listing and the receipts that are new since the last one.</summary>
/// <param name="run">The run.</param>
/// <param name="time">Clock.</param>
public sealed class RunObserver(RunRecords run, TimeProvider time)
{
    private const int MostFaults = 100;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ReceiptLedger _ledger = new(run);

    /// <summary>How the run stands now.</summary>
    public async Task<RunStatus> LookAsync(CancellationToken cancellation)
    {
        await _ledger.RefreshAsync(cancellation).ConfigureAwait(false);
        PartReceipt[] final = [.. _ledger.Receipts.Values.Select(stored => stored.Receipt).Where(receipt => receipt.IsFinal).OrderBy(receipt => receipt.Part)];
        bool isCancelled = await run.FindCancelAsync(cancellation).ConfigureAwait(false) is not null;
        GateVerdict? verdict = (await run.FindVerdictAsync(cancellation).ConfigureAwait(false))?.Value;
        string? current = (await run.FindCurrentAsync(cancellation).ConfigureAwait(false))?.Value.Run;
        bool isComplete = final.Length == run.Parts.Count;
        bool isJudged = isComplete && verdict?.ReceiptsDigest == RunManifest.Of(run.Plan, final).ReceiptsDigest;
        bool isMarked = isJudged && verdict!.Passed && await run.HasSuccessAsync(cancellation).ConfigureAwait(false);

        DateTimeOffset now = time.GetUtcNow();
        PartReceipt[] recent = [.. final.Where(receipt => now - receipt.Time < Window)];
        long rows = final.Sum(receipt => receipt.Output?.Rows ?? 0);
        (double rowsPerSecond, double partsPerSecond) = Pace(final, recent, isComplete, now);
        return new RunStatus
        {
            Run = run.Plan.Run,
            Set = run.Plan.Set,
            Day = run.Plan.Day,
            Model = run.Plan.Model.Name,
            State = isCancelled ? RunState.Cancelled
                : !isComplete ? RunState.Running
                : !isJudged ? RunState.Finishing
                : !verdict!.Passed ? RunState.Unpublished
                : isMarked ? RunState.Published : RunState.Finishing,
            Parts = run.Parts.Count,
            Finished = final.Count(receipt => receipt.State == PartState.Finished),
            Rejected = final.Count(receipt => receipt.State == PartState.Rejected),
            Dead = final.Count(receipt => receipt.State == PartState.Dead),
            Rows = rows,
            RejectedRows = final.Sum(receipt => receipt.Output?.RejectedRows ?? 0),
            RowsPerSecond = rowsPerSecond,
            Workers = recent.Select(receipt => receipt.Worker).Distinct().Count(),
            Created = run.Plan.Created,
            Deadline = run.Plan.Deadline,
            Done = isComplete ? final.Select(receipt => receipt.Time).DefaultIfEmpty(run.Plan.Created).Max()
                : partsPerSecond > 0 ? now + TimeSpan.FromSeconds((run.Parts.Count - final.Length) / partsPerSecond) : null,
            IsCurrent = current == run.Plan.Run,
            Output = $"{run.Output.Url.TrimEnd('/')}/{run.Plan.OutputFolder}",
            Reasons = isJudged && !verdict!.Passed ? verdict.Reasons : [],
            Faults = [.. final.Where(receipt => receipt.State != PartState.Finished).Take(MostFaults)
                .Select(receipt => new ManifestFault(receipt.Part, receipt.State, receipt.Fault?.File ?? "", receipt.Fault?.Reason ?? ""))],
        };
    }

    /// <summary>The runs of a store, the latest first. Lists all that lies under <c>runs/</c>.</summary>
    public static async IAsyncEnumerable<string> NamesAsync(IStore store, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = new List<StoredObject>();
        await foreach (StoredObject item in store.ListAsync(RunKeys.Runs, cancellation).ConfigureAwait(false))
            if (item.Key.EndsWith("/run.json", StringComparison.Ordinal)) found.Add(item);
        foreach (StoredObject item in found.OrderByDescending(item => item.Modified)) yield return item.Key.Split('/')[1];
    }

    /// <summary>The runs of a store that are not settled: parts are open, or the last steps are to be taken.</summary>
    public static async IAsyncEnumerable<string> OpenNamesAsync(IStore store, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (StoredObject mark in store.ListAsync(RunKeys.Open, cancellation).ConfigureAwait(false)) yield return mark.Key[RunKeys.Open.Length..];
    }

    private (double Rows, double Parts) Pace(PartReceipt[] final, PartReceipt[] recent, bool isComplete, DateTimeOffset now)
    {
        if (final.Length == 0) return (0, 0);
        DateTimeOffset end = isComplete ? final.Max(receipt => receipt.Time) : now;
        PartReceipt[] counted = isComplete ? final : recent;
        if (counted.Length == 0) return (0, 0);

        // From when the first of them was begun: a run that has just started is not slower for that.
        DateTimeOffset start = counted.Min(receipt => receipt.Time - TimeSpan.FromSeconds(receipt.Seconds));
        double seconds = Math.Max(0.001, (end - start).TotalSeconds);
        return (counted.Sum(receipt => receipt.Output?.Rows ?? 0) / seconds, counted.Length / seconds);
    }
}
