using Juoku.Batch;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Scaling.Keda;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Tests.Observing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Juoku.Scaling.Tests.Keda;

public sealed class KedaTargetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(true), InlineData(false)]
    public async Task Wanted_FaultAfterADecision_HoldsIt(bool isQueue)
    {
        await using var bed = new FleetBed();
        using var meters = new ScalingMeters();
        KedaTarget target = Target(bed, meters);
        await bed.SubmitAsync("a", parts: 40);
        int wanted = await target.WantedAsync(Cancellation);
        if (isQueue) bed.Queue.Fails = true;
        else bed.Store.Fails = true;

        for (int minute = 0; minute < 60; minute++)
        {
            bed.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(wanted, await target.WantedAsync(Cancellation));
        }

        Assert.Equal(4, wanted); // no rate is known yet: a node of four to begin with
    }

    [Fact]
    public async Task Wanted_FaultBeforeAnyDecision_IsUnknownNotZero()
    {
        await using var bed = new FleetBed();
        using var meters = new ScalingMeters();
        KedaTarget target = Target(bed, meters);
        await bed.SubmitAsync("a", parts: 40);
        bed.Queue.Fails = true;

        var e = await Assert.ThrowsAsync<KedaUnknownException>(() => target.WantedAsync(Cancellation));
        Assert.Contains("does not answer", e.Message);
        bed.Queue.Fails = false;
        Assert.Equal(4, await target.WantedAsync(Cancellation));
    }

    [Fact]
    public async Task Wanted_AskedOftenWithinAnInterval_DecidesOnce()
    {
        await using var bed = new FleetBed();
        using var meters = new ScalingMeters();
        KedaTarget target = Target(bed, meters);
        Assert.Equal(0, await target.WantedAsync(Cancellation));
        await bed.Queue.SendAsync(["anything"], Cancellation);

        Assert.Equal(0, await target.WantedAsync(Cancellation));
        bed.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await target.WantedAsync(Cancellation));
    }

    [Fact]
    public async Task Wanted_AfterTheLastPart_LingersThenIsZero()
    {
        await using var bed = new FleetBed();
        using var meters = new ScalingMeters();
        KedaTarget target = Target(bed, meters);
        RunRecords run = await bed.SubmitAsync("a", parts: 1);
        Assert.Equal(1, await target.WantedAsync(Cancellation));
        await bed.TakeAsync(1);
        await bed.FinishAsync(run, 0);
        bed.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await target.WantedAsync(Cancellation));
        bed.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(0, await target.WantedAsync(Cancellation));
    }

    [Fact]
    public void Infer_MessagesAndReceipts_TellWhoIsThere()
    {
        var fleet = new FleetSnapshot { Now = default, Queue = new QueueDepth(100, 12, 0), Pace = new(new(1000, 0.1, 100), 10, PartsAtOnce: 3), WorkersSeen = 2 };

        Assert.Equal(new WorkerCounts(4, 6, 4), KedaTarget.Infer(fleet, wanted: 10)); // 12 messages in the hands of 4 workers
        Assert.Equal(new WorkerCounts(3, 0, 3), KedaTarget.Infer(fleet, wanted: 3));
        Assert.Equal(new WorkerCounts(8, 2, 8), KedaTarget.Infer(fleet with { WorkersSeen = 8 }, wanted: 10));
        Assert.Equal(new WorkerCounts(4, 0, 4), KedaTarget.Infer(fleet, wanted: null)); // after a restart of the scaler
        Assert.Equal(new WorkerCounts(0, 5, 0), KedaTarget.Infer(new() { Now = default }, wanted: 5));
    }

    [Fact]
    public async Task Find_SameMetadata_IsTheSameTargetUntilNobodyAsks()
    {
        await using var bed = new FleetBed();
        using var meters = new ScalingMeters();
        await using var targets = new KedaTargets((target, metadata) => new(target, $"sqlite:{Path.GetTempPath()}none-{metadata["queue"]}/q.db", Path.GetTempPath(), null, new()),
            Adapters.Local, meters, bed.Clock, NullLogger.Instance);
        KedaTarget a = await FindAsync("a");

        Assert.NotSame(a, await FindAsync("b"));
        bed.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Same(a, await FindAsync("a"));
        bed.Clock.Advance(TimeSpan.FromMinutes(20));
        await FindAsync("c");
        Assert.Equal(2, targets.Count); // b was not asked about for 40 minutes

        Task<KedaTarget> FindAsync(string queue) => targets.FindAsync("test/workers", new Dictionary<string, string> { ["queue"] = queue }, Cancellation);
    }

    private static KedaTarget Target(FleetBed bed, ScalingMeters meters) =>
        new(new("test/workers", "", "", null, new() { PodsPerNode = 4 }), bed.Store, bed.Pool, bed.Queue, meters, bed.Clock, NullLogger.Instance);
}
