using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Tests.Observing;

public sealed class FleetReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_NothingSubmitted_TellsOfNoWork()
    {
        await using var bed = new FleetBed();

        FleetSnapshot fleet = await bed.Reader.ReadAsync(Cancellation);

        Assert.Null(fleet.Fault);
        Assert.Empty(fleet.Runs);
        Assert.Null(fleet.Pace);
        Assert.Equal(0, Decide(fleet).Decision.Replicas);
    }

    [Fact]
    public async Task Read_PartsFinished_CountsWhatIsLeftAndMeasuresTheWorkers()
    {
        await using var bed = new FleetBed();
        RunRecords run = await bed.SubmitAsync("a", parts: 10, deadline: TimeSpan.FromHours(1));
        FleetSnapshot before = await bed.Reader.ReadAsync(Cancellation);
        await bed.TakeAsync(4);
        bed.Clock.Advance(TimeSpan.FromSeconds(2));
        await bed.FinishAsync(run, 0);
        await bed.FinishAsync(run, 1);
        FleetSnapshot after = await bed.Reader.ReadAsync(Cancellation);

        Assert.Null(before.Pace);
        Assert.Equal(new QueueDepth(10, 0, 0), before.Queue);
        Assert.Equal(new QueueDepth(6, 2, 0), after.Queue);
        RunSnapshot left = Assert.Single(after.Runs);
        Assert.Equal((8, 8L * FleetBed.PartRows), (left.OpenParts, left.OpenRows));
        // Two parts of 500 rows at once in two seconds.
        Assert.Equal(500, after.Pace!.Rate.RowsPerSecond, 1e-6);
        Assert.Equal((2.0, 2.0, 2), (after.Pace.PartsAtOnce, after.Pace.PartSeconds, after.Pace.Rate.Samples));
        Assert.Equal(1, after.WorkersSeen);
        Assert.Equal(new Backlog(6 * 500, 6, 2 * 500, 2), Decide(after).Backlog);
    }

    [Fact]
    public async Task Read_NoPartFinishedYet_KnowsTheRateFromTheRunBefore()
    {
        await using var bed = new FleetBed();
        RunRecords old = await bed.SubmitAsync("a", parts: 2);
        await bed.TakeAsync(2);
        bed.Clock.Advance(TimeSpan.FromSeconds(4));
        await bed.FinishAsync(old, 0, seconds: 4);
        await bed.FinishAsync(old, 1, seconds: 4, worker: "two");
        await old.PutCurrentAsync(CurrentPointer.MovedTo(null, old.Plan, bed.Clock.GetUtcNow()), PutCondition.IfAbsent, Cancellation);
        await bed.Store.DeleteAsync(RunKeys.OpenMark("a"), Cancellation);
        await bed.SubmitAsync("b", parts: 5);

        FleetSnapshot fleet = await bed.Reader.ReadAsync(Cancellation);

        Assert.Equal(125, fleet.Pace!.Rate.RowsPerSecond, 1e-6);
        Assert.Equal(2, fleet.Pace.Rate.Samples);
        RunSnapshot left = Assert.Single(fleet.Runs);
        Assert.Equal(("b", 5L * FleetBed.PartRows), (left.Run, left.OpenRows));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Read_StoreOrQueueFails_IsUnknownAndHoldsUntilItIsBack(bool isQueue)
    {
        await using var bed = new FleetBed();
        await bed.SubmitAsync("a", parts: 10);
        ScalingState state = Decide(await bed.Reader.ReadAsync(Cancellation), state: new ScalingState(7)).Decision.State;

        if (isQueue) bed.Queue.Fails = true;
        else bed.Store.Fails = true;
        FleetSnapshot blind = await bed.Reader.ReadAsync(Cancellation);
        FleetDecision held = Decide(blind, state: state);

        Assert.Contains("does not answer", blind.Fault);
        Assert.Null(held.Backlog);
        Assert.Equal(7, held.Decision.Replicas);
        bed.Queue.Fails = bed.Store.Fails = false;
        FleetSnapshot back = await bed.Reader.ReadAsync(Cancellation);
        Assert.Null(back.Fault);
        Assert.Equal(10, Decide(back, state: state).Backlog!.PartsLeft);
    }

    [Fact]
    public async Task Read_DamagedPlan_IsAFaultThatNamesIt()
    {
        await using var bed = new FleetBed();
        await bed.Store.PutAsync(RunKeys.OpenMark("a"), default, PutCondition.None, Cancellation);
        await bed.Store.PutAsync(RunKeys.Plan("a"), "{"u8.ToArray(), PutCondition.None, Cancellation);

        Assert.Contains("runs/a/run.json", (await bed.Reader.ReadAsync(Cancellation)).Fault);
    }

    [Fact]
    public async Task Read_MarkWithoutPlan_IsARunThatIsBeingSubmitted()
    {
        await using var bed = new FleetBed();
        await bed.Store.PutAsync(RunKeys.OpenMark("a"), default, PutCondition.None, Cancellation);

        FleetSnapshot fleet = await bed.Reader.ReadAsync(Cancellation);

        Assert.Null(fleet.Fault);
        Assert.Empty(fleet.Runs);
    }

    [Fact]
    public async Task Read_Again_ReadsOnlyNewReceipts()
    {
        await using var bed = new FleetBed();
        RunRecords run = await bed.SubmitAsync("a", parts: 20);
        for (int part = 0; part < 10; part++) await bed.FinishAsync(run, part);
        await bed.Reader.ReadAsync(Cancellation);
        await bed.FinishAsync(run, 10);
        int before = bed.Store.Reads;

        FleetSnapshot fleet = await bed.Reader.ReadAsync(Cancellation);

        Assert.Equal(1, bed.Store.Reads - before);
        Assert.Equal(9, fleet.Runs[0].OpenParts);
    }

    [Fact]
    public async Task Read_DeadAndRepeatedParts_AreTold()
    {
        await using var bed = new FleetBed();
        RunRecords run = await bed.SubmitAsync("a", parts: 10);
        await bed.FinishAsync(run, 0, attempt: 2);
        FleetSnapshot lossy = await bed.Reader.ReadAsync(Cancellation);
        await bed.FinishAsync(run, 1, state: PartState.Dead);
        FleetSnapshot once = await bed.Reader.ReadAsync(Cancellation);
        await bed.FinishAsync(run, 2, state: PartState.Dead);
        FleetSnapshot twice = await bed.Reader.ReadAsync(Cancellation);
        bed.Clock.Advance(TimeSpan.FromMinutes(11));
        FleetSnapshot later = await bed.Reader.ReadAsync(Cancellation);

        Assert.Equal((true, false), (lossy.LosesWorkers, lossy.PartsFail));
        Assert.False(once.PartsFail);
        Assert.True(twice.PartsFail);
        Assert.Equal((false, false), (later.LosesWorkers, later.PartsFail));
        Assert.All(FleetPolicy.Observe(twice, new(0, 0, 0), new()), seen => Assert.True(seen.Failing && seen.Redelivery > TimeSpan.Zero));
    }

    [Fact]
    public async Task Read_NothingFinishedForLongWhileInFlight_IsStuck()
    {
        await using var bed = new FleetBed();
        RunRecords run = await bed.SubmitAsync("a", parts: 3);
        await bed.Reader.ReadAsync(Cancellation);
        bed.Clock.Advance(TimeSpan.FromHours(1)); // no worker came: waiting is not being stuck
        Assert.False(await IsStuckAsync());
        await bed.TakeAsync(2);
        Assert.False(await IsStuckAsync());
        bed.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.True(await IsStuckAsync());
        await bed.FinishAsync(run, 0);
        Assert.False(await IsStuckAsync());

        async Task<bool> IsStuckAsync() => FleetPolicy.Observe(await bed.Reader.ReadAsync(Cancellation), new(1, 0, 1), new())[0].Stuck;
    }

    [Fact]
    public async Task Read_OneRunOnly_SeesNoOther()
    {
        await using var bed = new FleetBed();
        await bed.SubmitAsync("a", parts: 3);
        await bed.SubmitAsync("b", parts: 4);

        Assert.Equal(["a", "b"], (await bed.Reader.ReadAsync(Cancellation)).Runs.Select(run => run.Run));
        Assert.Equal(["b"], (await bed.NewReader("b").ReadAsync(Cancellation)).Runs.Select(run => run.Run));
    }

    [Fact]
    public async Task Read_RunSettled_IsForgotten()
    {
        await using var bed = new FleetBed();
        await bed.SubmitAsync("a", parts: 3);
        await bed.Reader.ReadAsync(Cancellation);
        await bed.Store.DeleteAsync(RunKeys.OpenMark("a"), Cancellation);

        Assert.Empty((await bed.Reader.ReadAsync(Cancellation)).Runs);
    }

    private static FleetDecision Decide(FleetSnapshot fleet, ScalingState? state = null) =>
        FleetPolicy.Decide(fleet, new(0, 0, 0), new(), state ?? ScalingState.Initial);
}
