using Juoku.Scaling.Simulation;
using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Scaling.Tests.Simulation;

public sealed class SimulatorTests
{
    // No luck: 100 parts of 10 s each, 4 workers a node, a node in 60 s, a pod in 10 s.
    private static readonly Scenario Plain = new()
    {
        Name = "plain",
        Deadline = 3600,
        Arrivals = [new(0, 100, 1_000_000)],
        Workers = new() { RowsPerSecond = 100_000, Spread = 0, StragglerShare = 0, FailureShare = 0, PriorError = 0 },
        Cluster = new() { PodsPerNode = 4, NodeStart = 60, PodStart = 10, StartSpread = 0, NodeLinger = 30, NodePrice = 3.6, ScanPeriod = 10 },
    };

    [Fact]
    public void Run_NoLuck_TakesTheTimeOneCanWorkOut()
    {
        SimulationResult run = Simulator.Run(Plain, new FixedRule(10, Plain.Arrivals, 0));
        // Start-up 70 s, then ten waves of 10 s; the autoscaler looks at once.
        Assert.Equal(170, run.Finish!.Value, 6);
        Assert.Equal((10, 3), (run.PeakPods, run.PeakNodes));
        Assert.Equal(run.NodeSeconds * 3.6 / 3600, run.Cost, 9);
    }

    [Fact]
    public void Run_NodesAreLost_EveryPartIsDoneAllTheSame()
    {
        Scenario rough = Plain with { Cluster = Plain.Cluster with { InterruptionsPerHour = 20 }, Workers = Plain.Workers with { FailureShare = 0.1 } };
        SimulationResult run = Simulator.Run(rough, new DeadlineRule(rough));
        Assert.NotNull(run.Finish);
        Assert.True(run.LostParts > 0);
    }

    [Fact]
    public void Run_ScaleInTakesBusyWorkers_TheirPartsComeBack()
    {
        SimulationResult run = Simulator.Run(Plain, new Falling());
        Assert.True(run.KilledBusy > 0);
        Assert.NotNull(run.Finish);
    }

    [Fact]
    public void Run_NothingArrives_CostsNothing()
    {
        Scenario empty = Plain with { Arrivals = [] };
        SimulationResult run = Simulator.Run(empty, new DeadlineRule(empty));
        Assert.Equal((0.0, 0.0), (run.Finish, run.Cost));
    }

    [Fact]
    public void Run_ADayOfAThousandWorkers_IsSimulatedWhole()
    {
        Scenario day = Plain with
        {
            Deadline = 86400,
            Arrivals = [.. Enumerable.Range(0, 288).Select(i => new Arrival(i * 300, 1000, 25_000_000))],
            Cluster = Plain.Cluster with { MaxPods = 1000 },
        };
        SimulationResult run = Simulator.Run(day, new FixedRule(1000, day.Arrivals, 0));
        Assert.Equal(1000, run.PeakPods);
        Assert.True(run.Events > 288_000);
        Assert.NotNull(run.Finish);
    }

    /// <summary>Eight workers, then four.</summary>
    private sealed class Falling : ScalingRule
    {
        public override string Name => "falling";

        public override double Period => 15;

        public override int Wanted(in ClusterView view) => view.Now < 90 ? 8 : 4;
    }
}
