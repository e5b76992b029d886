using Juoku.Batch.Runs;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Observing;

/// <summary>
/// What receipts tell of a worker's speed.
/// </summary>
/// <remarks>
/// <para>
/// <b>Idea.</b> A worker has several parts in hand at once, so a part's rows over its seconds is only a share of what the worker does. Each receipt is an
/// interval of its worker's time; a worker was busy in the union of its intervals, and its rate is all rows over that union. Idle time between
/// runs lies in no interval and counts for nothing. Parts that were begun and are not finished are missing at both ends, which makes the rate
/// too low by at most the share of one round of parts, never too high.
/// </para>
/// <para><b>Spread.</b> The parts' own speeds, standard deviation over mean, with an assumed spread as if it had been seen twice.</para>
/// </remarks>
/// <param name="Rate">Rows a second of a worker that holds parts.</param>
/// <param name="PartSeconds">From the receipt of a part's message until it is committed; mean.</param>
/// <param name="PartsAtOnce">Parts that a worker has in hand; mean.</param>
public sealed record WorkerPace(WorkerRate Rate, double PartSeconds, double PartsAtOnce)
{
    private const int PartsPerWorker = 32;
    private const int MostPrior = 8;
    private const double AssumedSpread = 0.3;
    private const int AssumedSamples = 2;

    /// <summary>Of the latest receipts of each worker; null when none of them has rows.</summary>
    public static WorkerPace? Of(IEnumerable<PartReceipt> receipts)
    {
        double rows = 0, busy = 0, seconds = 0, speeds = 0, squares = 0;
        int parts = 0;
        foreach (var worker in receipts.Where(receipt => receipt.Output?.Rows > 0 && receipt.Seconds > 0).GroupBy(receipt => receipt.Worker))
        {
            PartReceipt[] latest = [.. worker.OrderByDescending(receipt => receipt.Time).Take(PartsPerWorker)];
            busy += Union(latest);
            foreach (PartReceipt receipt in latest)
            {
                double speed = receipt.Output!.Rows / receipt.Seconds;
                rows += receipt.Output.Rows;
                seconds += receipt.Seconds;
                speeds += speed;
                squares += speed * speed;
            }

            parts += latest.Length;
        }

        if (parts == 0 || busy <= 0) return null;
        double mean = speeds / parts;
        double spread = Math.Sqrt(Math.Max(0, squares / parts - mean * mean)) / mean;
        return new(new(rows / busy, (spread * parts + AssumedSpread * AssumedSamples) / (parts + AssumedSamples), parts), seconds / parts, seconds / busy);
    }

    /// <summary>The pace of this run's parts, with that of an earlier run as if it were up to eight more; the more parts, the less it counts.</summary>
    public static WorkerPace? Blend(WorkerPace? own, WorkerPace? prior)
    {
        if (own is null || prior is null) return own ?? (prior is null ? null : prior with { Rate = prior.Rate with { Samples = Math.Min(prior.Rate.Samples, MostPrior) } });
        int before = Math.Min(prior.Rate.Samples, MostPrior), samples = own.Rate.Samples + before;
        return new(
            new(Mean(own.Rate.RowsPerSecond, prior.Rate.RowsPerSecond), Mean(own.Rate.Spread, prior.Rate.Spread), samples),
            own.PartSeconds,
            own.PartsAtOnce);

        double Mean(double now, double then) => (now * own.Rate.Samples + then * before) / samples;
    }

    /// <summary>Seconds in which a worker held at least one of its parts.</summary>
    private static double Union(PartReceipt[] latestFirst)
    {
        double union = 0;
        DateTimeOffset from = DateTimeOffset.MaxValue; // the union's start so far, walking back in time
        foreach (PartReceipt receipt in latestFirst)
        {
            DateTimeOffset start = receipt.Time - TimeSpan.FromSeconds(receipt.Seconds), end = receipt.Time < from ? receipt.Time : from;
            if (start >= end) continue;
            union += (end - start).TotalSeconds;
            from = start;
        }

        return union;
    }
}
