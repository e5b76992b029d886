using CsCheck;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Tests.Policy;

public sealed class DeadlinePolicyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<ScalingLimits> Limits = Gen.Select(Gen.Int[0, 3], Gen.Int[1, 300], Gen.Int[1, 16],
        (min, more, perNode) => new ScalingLimits { Min = min, Max = min + more, PodsPerNode = perNode });

    private static readonly Gen<ScalingObservation> Seen =
        from parts in Gen.Int[0, 3000]
        from flight in Gen.Int[0, 100]
        from rowsPerPart in Gen.Long[1, 5_000_000]
        from ready in Gen.Int[0, 200]
        from pending in Gen.Int[0, 50]
        from busy in Gen.Int[0, 200]
        from rate in Gen.Double[1000, 1_000_000]
        from spread in Gen.Double[0, 0.5]
        from samples in Gen.Int[0, 1000]
        from minutes in Gen.Int[-10, 300]
        from kind in Gen.Int[0, 7]
        select new ScalingObservation
        {
            Now = Noon,
            Backlog = new(parts * rowsPerPart, parts, flight * rowsPerPart, flight),
            Ready = ready,
            Pending = pending,
            Busy = Math.Min(busy, Math.Min(ready, flight)),
            Rate = kind == 0 ? null : new(rate, spread, samples),
            Deadline = kind == 1 ? null : Noon.AddMinutes(minutes),
            Redelivery = TimeSpan.FromSeconds(kind == 2 ? 60 : 0),
            Failing = kind == 3,
            Stuck = kind == 4,
        };

    private static readonly Gen<(ScalingObservation Seen, ScalingLimits Limits, ScalingState State)> Cases =
        Gen.Select(Seen, Limits, Gen.Int[0, 400], (seen, limits, replicas) => (seen, limits, new ScalingState(replicas)));

    [Fact]
    public void Decide_Anything_StaysWithinLimitsAndNeverBelowBusy() => Cases.Sample(x =>
    {
        int wanted = DeadlinePolicy.Decide(x.Seen, x.Limits, x.State).Replicas;
        return wanted >= x.Limits.Min && wanted >= x.Seen.Busy && wanted <= Math.Max(x.Limits.Max, x.Seen.Busy);
    });

    [Fact]
    public void Decide_Anything_WantsNoMoreWorkersThanPartsAreLeft() => Cases.Sample(x =>
    {
        int wanted = DeadlinePolicy.Decide(x.Seen, x.Limits, x.State).Replicas;
        return x.Seen.Backlog!.PartsLeft == 0 || wanted <= Math.Max(x.Limits.Min, x.Seen.Backlog.PartsLeft);
    });

    [Fact]
    public void Decide_QueueUnreadable_HoldsTheLastDecision() => Cases.Sample(x =>
    {
        ScalingState before = DeadlinePolicy.Decide(x.Seen, x.Limits, x.State).State;
        ScalingDecision blind = DeadlinePolicy.Decide(x.Seen with { Backlog = null }, x.Limits, before);
        return blind.Replicas == before.Replicas && blind.Reason.Contains("could not be read");
    });

    [Fact]
    public void Decide_TheSameTwice_DecidesTheSame() => Cases.Sample(x =>
    {
        ScalingDecision first = DeadlinePolicy.Decide(x.Seen, x.Limits, x.State);
        ScalingDecision second = DeadlinePolicy.Decide(x.Seen, x.Limits, first.State);
        return x.Seen.Backlog!.PartsLeft == 0 ? second.Replicas <= first.Replicas : second.Replicas == first.Replicas;
    });

    [Fact]
    public void Decide_MoreParts_NeverWantsFewerWorkers() => Gen.Select(Cases, Gen.Int[1, 2000]).Sample((x, more) =>
    {
        Backlog now = x.Seen.Backlog!;
        if (now.PartsLeft == 0) return true;
        long rowsPerPart = (now.Rows + now.RowsInFlight) / now.PartsLeft;
        Backlog larger = now with { Parts = now.Parts + more, Rows = now.Rows + more * rowsPerPart };
        return DeadlinePolicy.Decide(x.Seen with { Backlog = larger }, x.Limits, x.State).Replicas >= DeadlinePolicy.Decide(x.Seen, x.Limits, x.State).Replicas;
    });

    [Fact]
    public void Decide_LaterDeadline_NeverWantsMoreWorkersFromZero() => Gen.Select(Cases, Gen.Int[1, 600]).Sample((x, minutes) =>
    {
        if (x.Seen.Deadline is null) return true;
        ScalingObservation later = x.Seen with { Deadline = x.Seen.Deadline.Value.AddMinutes(minutes) };
        return DeadlinePolicy.Decide(later, x.Limits, ScalingState.Initial).Replicas <= DeadlinePolicy.Decide(x.Seen, x.Limits, ScalingState.Initial).Replicas;
    });

    [Fact]
    public void Decide_FailingOrStuck_NeverGrowsBeyondOne() => Cases.Sample(x =>
    {
        foreach (ScalingObservation seen in (ScalingObservation[])[x.Seen with { Failing = true, Stuck = false }, x.Seen with { Failing = false, Stuck = true }])
        {
            int held = Math.Max(Math.Clamp(x.State.Replicas, x.Limits.Min, x.Limits.Max), seen.Busy);
            if (DeadlinePolicy.Decide(seen, x.Limits, x.State).Replicas > Math.Max(1, held)) return false;
        }

        return true;
    });

    [Fact]
    public void Decide_WorkIsAFluid_MeetsAnyDeadlineThatIsPossible() => Gen.Select(Gen.Int[100, 3000], Gen.Int[20, 120], Gen.Double[0, 0.2]).Sample((parts, minutes, spread) =>
    {
        // Parts of 10 s; the plain fluid with the decided number has to be done in time whenever the largest number could be with its margins.
        const double rate = 100_000;
        var limits = new ScalingLimits { Max = 200 };
        var seen = new ScalingObservation { Now = Noon, Backlog = new(parts * 1_000_000L, parts), Rate = new(rate, spread, 50), Deadline = Noon.AddMinutes(minutes) };
        int wanted = DeadlinePolicy.Decide(seen, limits, ScalingState.Initial).Replicas;
        double seconds = new FluidModel(parts * 1e6, 0, seen.StartUp.Both.TotalSeconds).Seconds(wanted, rate) + 10;
        return wanted == 200 || seconds <= minutes * 60;
    });

    [Fact]
    public void Decide_FirstMessage_LeavesZero()
    {
        ScalingDecision decision = DeadlinePolicy.Decide(Work(1, rate: null), new(), ScalingState.Initial);
        Assert.Equal(1, decision.Replicas);
    }

    [Fact]
    public void Decide_WorkersInTime_AreKeptThoughFewerWouldDo()
    {
        ScalingDecision decision = DeadlinePolicy.Decide(Work(100) with { Ready = 50, Busy = 50 }, new(), new(50));
        Assert.Equal(50, decision.Replicas);
    }

    [Fact]
    public void Decide_NothingLeft_LingersThenGoesToZero()
    {
        ScalingObservation empty = Work(0);
        ScalingDecision first = DeadlinePolicy.Decide(empty, new(), new(8));
        ScalingDecision later = DeadlinePolicy.Decide(empty with { Now = Noon.AddSeconds(61) }, new(), first.State);
        Assert.Equal((1, 0), (first.Replicas, later.Replicas));
    }

    [Fact]
    public void Decide_PartsInFlightOnly_IsNotEmpty()
    {
        ScalingObservation seen = Work(0) with { Backlog = new(0, 0, 3_000_000, 3), Ready = 8, Busy = 3 };
        Assert.Equal(3, DeadlinePolicy.Decide(seen, new(), new(8)).Replicas);
    }

    [Fact]
    public void Decide_DeadlineImpossible_SaysSoAndTellsTheEarliestFinish()
    {
        ScalingDecision decision = DeadlinePolicy.Decide(Work(10_000) with { Deadline = Noon.AddMinutes(3) }, new() { Max = 20 }, ScalingState.Initial);
        Assert.True(decision.DeadlineAtRisk);
        Assert.Equal(20, decision.Replicas);
        Assert.InRange(decision.EarliestFinish!.Value, Noon.AddMinutes(80), Noon.AddMinutes(90));
    }

    [Fact]
    public void Decide_LimitsContradict_Throws() =>
        Assert.Throws<ArgumentException>(() => DeadlinePolicy.Decide(Work(1), new() { Min = 3, Max = 2 }, ScalingState.Initial));

    private static ScalingObservation Work(int parts, double? rate = 100_000) => new()
    {
        Now = Noon,
        Backlog = new(parts * 1_000_000L, parts),
        Rate = rate is { } rows ? new(rows, 0.05, 20) : null,
        Deadline = Noon.AddHours(1),
    };
}
