using CsCheck;
using Juoku.Batch.Runs;
using Juoku.Scaling.Observing;

namespace Juoku.Scaling.Tests.Observing;

public sealed class WorkerPaceTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_PartsOneAfterTheOther_IsRowsOverSeconds()
    {
        WorkerPace pace = WorkerPace.Of([Receipt("one", 0, 10, 1000), Receipt("one", 10, 20, 3000)])!;

        Assert.Equal(200, pace.Rate.RowsPerSecond, 1e-9);
        Assert.Equal((10.0, 1.0, 2), (pace.PartSeconds, pace.PartsAtOnce, pace.Rate.Samples));
        // Speeds of 100 and 300: a spread of 0.5, mixed with two assumed ones of 0.3.
        Assert.Equal(0.4, pace.Rate.Spread, 1e-9);
    }

    [Fact]
    public void Of_IdleTimeBetweenRuns_CountsForNothing() =>
        Assert.Equal(100, WorkerPace.Of([Receipt("one", 0, 10, 1000), Receipt("one", 5000, 5010, 1000)])!.Rate.RowsPerSecond, 1e-9);

    [Fact]
    public void Of_TwoWorkersAtOnce_IsTheRateOfOne() =>
        Assert.Equal(150, WorkerPace.Of([Receipt("one", 0, 10, 1000), Receipt("two", 0, 10, 2000)])!.Rate.RowsPerSecond, 1e-9);

    [Fact]
    public void Of_RejectedPartsAlone_IsUnknown() =>
        Assert.Null(WorkerPace.Of([Receipt("one", 0, 10, 0) with { State = PartState.Rejected, Output = null }]));

    /// <summary>A worker of some slots that share its cores, parts begun in rounds or staggered: the true rate, at most a round too low.</summary>
    [Fact]
    public void Of_SeveralPartsAtOnce_IsAtMostARoundTooLow() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[8, 32], Gen.Double[0.5, 60], Gen.Bool).Sample((slots, parts, seconds, isStaggered) =>
        {
            const double Rows = 10_000;
            IEnumerable<PartReceipt> receipts = Enumerable.Range(0, parts / slots * slots).Select(part => isStaggered
                ? Receipt("one", part * seconds, (part + slots) * seconds, (long)Rows)
                : Receipt("one", part / slots * slots * seconds, (part / slots + 1) * slots * seconds, (long)Rows));
            double rate = WorkerPace.Of(receipts)!.Rate.RowsPerSecond, truth = Rows / seconds, count = parts / slots * slots;
            return rate <= truth * 1.000001 && rate >= truth * count / (count + slots) * 0.999999;
        });

    [Fact]
    public void Blend_MoreParts_TrustsThePriorLess()
    {
        WorkerPace prior = new(new(100, 0.5, 1000), 5, 1), own = new(new(200, 0.1, 2), 7, 3);

        Assert.Equal(8, WorkerPace.Blend(null, prior)!.Rate.Samples);
        Assert.Same(own, WorkerPace.Blend(own, null));
        Assert.Equal((2 * 200 + 8 * 100) / 10.0, WorkerPace.Blend(own, prior)!.Rate.RowsPerSecond, 1e-9);
        Assert.InRange(WorkerPace.Blend(own with { Rate = own.Rate with { Samples = 1000 } }, prior)!.Rate.RowsPerSecond, 199, 200);
        Assert.Null(WorkerPace.Blend(null, null));
    }

    private static PartReceipt Receipt(string worker, double from, double to, long rows) => new()
    {
        Part = 0,
        State = PartState.Finished,
        Worker = worker,
        Time = Noon.AddSeconds(to),
        Seconds = to - from,
        Output = new PartOutput("", 0, "", rows, 0, 0, null, new ScoreSummary(0, 0, [])),
    };
}
