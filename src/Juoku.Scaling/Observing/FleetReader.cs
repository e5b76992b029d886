using Juoku.Batch;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Scaling.Observing;

/// <summary>
/// Reads what is to be decided by: the queue's count and the open runs of a store. A look costs a count, a listing of the open runs and, for
/// each of them, a listing of receipts and the reading of those that are new. What fails is told as a fault, never as nothing. One look at
/// a time.
/// </summary>
/// <param name="store">Holds the runs.</param>
/// <param name="pool">Opens the stores that runs name.</param>
/// <param name="queue">Holds their messages.</param>
/// <param name="time">Clock.</param>
/// <param name="only">The one run to look at; null for all.</param>
public sealed class FleetReader(IStore store, StorePool pool, IQueue queue, TimeProvider time, string? only = null)
{
    private const int FewestFailures = 2;
    private const int ManyAttempts = 3;
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SeenLately = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, OpenRun> _runs = [];
    private DateTimeOffset? _quietSince;
    private DateTimeOffset _latest;

    /// <summary>Looks.</summary>
    public async Task<FleetSnapshot> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            // The queue first: what is finished between the two looks is then a message too many, not a part without one.
            QueueDepth depth = await queue.CountAsync(cancellation).ConfigureAwait(false);
            await RefreshAsync(cancellation).ConfigureAwait(false);
            return Snapshot(depth);
        }
        catch (Exception e) when (e is QueueException or StoreException or RunException or AddressException)
        {
            return new() { Now = time.GetUtcNow(), Fault = e.Message };
        }
    }

    private async Task RefreshAsync(CancellationToken cancellation)
    {
        var names = new HashSet<string>();
        await foreach (string name in RunObserver.OpenNamesAsync(store, cancellation).ConfigureAwait(false))
            if (only is null || name == only) names.Add(name);
        foreach (string settled in _runs.Keys.Except(names).ToList()) _runs.Remove(settled);
        foreach (string name in names)
        {
            if (!_runs.TryGetValue(name, out OpenRun? open))
            {
                // The mark is put before the plan: a run that is being submitted at this moment has none yet.
                if (await RunRecords.FindAsync(name, store, pool, cancellation).ConfigureAwait(false) is not { } run) continue;
                _runs[name] = open = new OpenRun(run);
            }

            await open.LookAsync(pool, time.GetUtcNow(), cancellation).ConfigureAwait(false);
        }
    }

    private FleetSnapshot Snapshot(QueueDepth depth)
    {
        DateTimeOffset now = time.GetUtcNow();
        PartReceipt[] receipts = [.. _runs.Values.SelectMany(run => run.Receipts)];
        PartReceipt[] recent = [.. receipts.Where(receipt => now - receipt.Time < Recent)];
        WorkerPace? pace = WorkerPace.Blend(WorkerPace.Of(receipts), WorkerPace.Of(_runs.Values.SelectMany(run => run.Prior)));
        TimeSpan lately = TimeSpan.FromSeconds(Math.Max(SeenLately.TotalSeconds, 3 * (pace?.PartSeconds ?? 0)));
        return new()
        {
            Now = now,
            Queue = depth,
            Runs = [.. _runs.Values.Select(run => run.Snapshot()).Where(run => run.OpenParts > 0).OrderBy(run => run.Created).ThenBy(run => run.Run, StringComparer.Ordinal)],
            Pace = pace,
            WorkersSeen = receipts.Where(receipt => now - receipt.Time < lately).Select(receipt => receipt.Worker).Distinct().Count(),
            LosesWorkers = recent.Any(receipt => receipt.Attempt > 1),
            PartsFail = Fail(recent),
            QuietSince = Quiet(depth, receipts, now),
        };
    }

    /// <summary>A quarter of the recent parts ended dead, or half of them needed three attempts.</summary>
    private static bool Fail(PartReceipt[] recent)
    {
        int dead = recent.Count(receipt => receipt.State == PartState.Dead), tried = recent.Count(receipt => receipt.Attempt >= ManyAttempts);
        return dead >= FewestFailures && dead * 4 >= recent.Length || tried >= FewestFailures && tried * 2 >= recent.Length;
    }

    /// <summary>Counted by our own clock from when a receipt is first seen: workers' clocks may differ.</summary>
    private DateTimeOffset Quiet(QueueDepth depth, PartReceipt[] receipts, DateTimeOffset now)
    {
        DateTimeOffset latest = receipts.Select(receipt => receipt.Time).DefaultIfEmpty(_latest).Max();
        if (_quietSince is null || depth.InFlight == 0 || latest > _latest) _quietSince = now;
        if (latest > _latest) _latest = latest;
        return _quietSince.Value;
    }
}
