using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Juoku.Batch.Runs.Workers;

/// <summary>
/// Notices when a run is complete, and finishes it. To look costs a listing, which at a hundred thousand parts is a hundred requests; so a
/// worker looks when the queue is empty, and else no sooner than half of the time that the open parts will take at the present pace.
/// </summary>
internal sealed class RunWatch(WorkerMeters meters, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Watched> _runs = new();

    /// <summary>A message of the run is in hand from now on.</summary>
    public void Take(RunRecords run) => Interlocked.Increment(ref Of(run).InHand);

    /// <summary>It is no longer; tells how many others of the run are.</summary>
    public int Leave(RunRecords run) => Interlocked.Decrement(ref Of(run).InHand);

    /// <summary>A part of the run was committed.</summary>
    public void Committed(RunRecords run) => Of(run).IsSettled = false;

    /// <summary>The runs that may have something left to finish.</summary>
    public IReadOnlyList<RunRecords> Unsettled => [.. _runs.Values.Where(watched => !watched.IsSettled).Select(watched => watched.Run)];

    /// <summary>Looks at a run if it is time to, and finishes it if it is complete.</summary>
    /// <param name="run">The run.</param>
    /// <param name="now">Whether to look in any case.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task LookAsync(RunRecords run, bool now, CancellationToken cancellation)
    {
        Watched watched = Of(run);
        if (watched.IsSettled || !now && time.GetUtcNow() < watched.Due) return;
        await watched.OneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (watched.IsSettled || !now && time.GetUtcNow() < watched.Due) return;
            int missing = run.Parts.Count - await ReceiptLedger.CountAsync(run, cancellation).ConfigureAwait(false);
            Note(watched, missing);
            if (missing > 0 && await run.FindCancelAsync(cancellation).ConfigureAwait(false) is null) return;
            RunFacts facts = await watched.Finisher.FinishAsync(cancellation).ConfigureAwait(false);
            if (!facts.HasEnded) return;
            watched.IsSettled = true;
            meters.Forget(run.Plan.Run);
            log.LogInformation("run {Run}: {Outcome}", run.Plan.Run, facts.Outcome);
        }
        finally
        {
            watched.OneAtATime.Release();
        }
    }

    private Watched Of(RunRecords run) => _runs.GetOrAdd($"{run.Store.Url}\n{run.Plan.Run}", _ => new Watched(run, new RunFinisher(run, time)));

    private void Note(Watched watched, int missing)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan? eta = null;
        TimeSpan pause = Least;
        if (watched.Last is { } last && last.Missing > missing)
        {
            eta = (now - last.Time) * ((double)missing / (last.Missing - missing));
            pause = TimeSpan.FromTicks(Math.Clamp(eta.Value.Ticks / 2, Least.Ticks, Most.Ticks));
        }

        watched.Last = (now, missing);
        watched.Due = now + pause;
        meters.Looked(watched.Run.Plan, watched.Run.Parts.Count, missing, eta);
    }

    private sealed class Watched(RunRecords run, RunFinisher finisher)
    {
        public int InHand;

        public RunRecords Run => run;

        public RunFinisher Finisher => finisher;

        public SemaphoreSlim OneAtATime { get; } = new(1);

        public bool IsSettled { get; set; }

        public DateTimeOffset Due { get; set; }

        public (DateTimeOffset Time, int Missing)? Last { get; set; }
    }
}
