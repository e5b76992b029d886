using CsCheck;
using Juoku.Batch.Queues;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Tests.Observing;

public sealed class FleetPolicyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<RunSnapshot> Run =
        from parts in Gen.Int[1, 2000]
        from rowsPerPart in Gen.Long[1, 2_000_000]
        from minutes in Gen.Int[-10, 300]
        from hasDeadline in Gen.Bool
        select NewRun("", parts, parts * rowsPerPart, hasDeadline ? Noon.AddMinutes(minutes) : null);

    private static readonly Gen<FleetSnapshot> Fleet =
        from runs in Run.Array[0, 4]
        from missing in Gen.Int[0, 100]
        from extra in Gen.Int[0, 100]
        from flight in Gen.Int[0, 50]
        from rate in Gen.Double[1000, 1_000_000]
        from kind in Gen.Int[0, 5]
        let messages = Math.Max(0, runs.Sum(run => run.OpenParts) + extra - missing)
        let inFlight = Math.Min(messages, flight)
        select new FleetSnapshot
        {
            Now = Noon,
            Queue = new QueueDepth(messages - inFlight, inFlight, 0),
            Runs = [.. runs.Select((run, i) => run with { Run = $"run-{i}" })],
            Pace = kind == 0 ? null : new(new(rate, 0.2, 20), 10, 2),
            PartsFail = kind == 1,
            QuietSince = Noon.AddHours(kind == 2 ? -2 : 0),
        };

    private static readonly Gen<(FleetSnapshot Fleet, WorkerCounts Workers, ScalingSettings Settings, ScalingState State)> Cases =
        Gen.Select(Fleet, Gen.Int[0, 100], Gen.Int[0, 100], Gen.Int[1, 200], Gen.Int[1, 8], Gen.Int[0, 200], (fleet, ready, busy, max, perNode, last) =>
            (fleet, new WorkerCounts(ready, 0, Math.Min(busy, Math.Min(ready, (int)fleet.Queue.InFlight))), new ScalingSettings { Max = max, PodsPerNode = perNode }, new ScalingState(last)));

    [Fact]
    public void Decide_AnyFleet_WantsWhatItsMostPressingRunNeeds() => Cases.Sample(x =>
    {
        int wanted = FleetPolicy.Decide(x.Fleet, x.Workers, x.Settings, x.State).Decision.Replicas;
        return wanted == FleetPolicy.Observe(x.Fleet, x.Workers, x.Settings).Max(seen => DeadlinePolicy.Decide(seen, x.Settings.Limits(), x.State).Replicas);
    });

    [Fact]
    public void Decide_AnyFleet_StaysWithinLimitsAndNeverBelowBusy() => Cases.Sample(x =>
    {
        int wanted = FleetPolicy.Decide(x.Fleet, x.Workers, x.Settings, x.State).Decision.Replicas;
        return wanted >= x.Workers.Busy && wanted <= Math.Max(x.Settings.Max, x.Workers.Busy);
    });

    [Fact]
    public void Decide_Unreadable_HoldsAndTellsNothing() => Cases.Sample(x =>
    {
        ScalingState before = FleetPolicy.Decide(x.Fleet, x.Workers, x.Settings, x.State).Decision.State;
        FleetDecision blind = FleetPolicy.Decide(new() { Now = x.Fleet.Now, Fault = "gone" }, x.Workers, x.Settings, before);
        return blind.Decision.Replicas == before.Replicas && blind.Backlog is null && blind.Runs.IsEmpty;
    });

    [Fact]
    public void Decide_OneMoreRun_NeverWantsFewer() => Gen.Select(Cases, Run).Sample((x, run) =>
    {
        if (x.Fleet.Runs.IsEmpty) return true;
        FleetSnapshot more = x.Fleet with
        {
            Runs = x.Fleet.Runs.Add(run with { Run = "more" }),
            Queue = x.Fleet.Queue with { Visible = x.Fleet.Queue.Visible + run.OpenParts },
        };
        // All messages are there in both, so that the same share of the parts is.
        long parts = x.Fleet.Runs.Sum(one => (long)one.OpenParts);
        if (x.Fleet.Queue.Visible + x.Fleet.Queue.InFlight < parts) return true;
        return FleetPolicy.Decide(more, x.Workers, x.Settings, x.State).Decision.Replicas >= FleetPolicy.Decide(x.Fleet, x.Workers, x.Settings, x.State).Decision.Replicas;
    });

    [Fact]
    public void Decide_EarlyDeadlineBehindALargeRun_CountsTheWorkBeforeIt()
    {
        // Rate 1,000: the urgent run alone is 600 s of work for one worker; with what was sent before it, 36,600 s.
        RunSnapshot large = NewRun("large", 360, 36_000_000, Noon.AddHours(20)), urgent = NewRun("urgent", 6, 600_000, Noon.AddHours(1));
        ScalingSettings settings = new();

        int first = Wanted(urgent, large), behind = Wanted(large, urgent);

        Assert.InRange(first, 1, 4);
        Assert.InRange(behind, 11, 16);

        int Wanted(params RunSnapshot[] runs) => FleetPolicy.Decide(NewFleet(366, runs), new(0, 0, 0), settings, ScalingState.Initial).Decision.Replicas;
    }

    [Fact]
    public void Decide_SeveralRuns_NamesTheOneThatNeedsMostAndTellsWhenEachIsDone()
    {
        RunSnapshot small = NewRun("small", 10, 100_000, Noon.AddHours(9)), large = NewRun("large", 100, 10_000_000, Noon.AddHours(1));

        FleetDecision decision = FleetPolicy.Decide(NewFleet(110, small, large), new(0, 0, 0), new(), ScalingState.Initial);

        Assert.EndsWith("(run large)", decision.Decision.Reason);
        Assert.Equal(["small", "large"], decision.Runs.Select(run => run.Run.Run));
        Assert.True(decision.Runs[0].Eta < decision.Runs[1].Eta);
        Assert.All(decision.Runs, run => Assert.True(run.Eta < run.Run.Deadline));
        Assert.Equal(110, decision.Backlog!.PartsLeft);
    }

    [Fact]
    public void Decide_PartsWithoutMessages_KeepNoWorker()
    {
        RunSnapshot lost = NewRun("lost", 50, 5_000_000, Noon.AddHours(1));
        var state = new ScalingState(5, Noon.AddHours(-1));

        Assert.Equal(0, FleetPolicy.Decide(NewFleet(0, lost), new(5, 0, 0), new(), state).Decision.Replicas);
        Assert.Equal(10, FleetPolicy.Observe(NewFleet(10, lost), new(5, 0, 0), new())[0].Backlog!.PartsLeft);
    }

    [Fact]
    public void Decide_MessagesWithoutRuns_AreWorthAWorker()
    {
        FleetDecision decision = FleetPolicy.Decide(NewFleet(3), new(0, 0, 0), new(), ScalingState.Initial);

        Assert.Equal(1, decision.Decision.Replicas);
        Assert.Equal(3, decision.Backlog!.PartsLeft);
    }

    [Fact]
    public void Decide_ImpossibleLimits_SaysWhich()
    {
        var e = Assert.Throws<ScalingException>(() => FleetPolicy.Decide(NewFleet(0), new(0, 0, 0), new() { Min = 5, Max = 2 }, ScalingState.Initial));

        Assert.Contains("Limits of 5 to 2 workers", e.Message);
    }

    private static RunSnapshot NewRun(string name, int parts, long rows, DateTimeOffset? deadline) =>
        new() { Run = name, Set = "click", Created = Noon, Deadline = deadline, OpenParts = parts, OpenRows = rows };

    private static FleetSnapshot NewFleet(int messages, params RunSnapshot[] runs) =>
        new() { Now = Noon, Queue = new QueueDepth(messages, 0, 0), Runs = [.. runs], Pace = new(new(1000, 0.1, 100), 10, 1), QuietSince = Noon };
}
