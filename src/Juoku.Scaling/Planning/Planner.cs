using Juoku.Scaling.Prices;
using Juoku.Scaling.Simulation;
using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Scaling.Planning;

/// <summary>
/// Plans a run: simulates it many times under the policy that would scale it, once for each kind of node, and reports what came of it.
/// </summary>
public static class Planner
{
    // Enough for a 95th percentile; beyond, long runs are simulated less often so that a plan takes seconds.
    private const int FewestRuns = 20;
    private const double PartsToSimulate = 1_000_000;

    /// <summary>A plan for each instance that can hold a worker: those that meet the deadline first, the cheapest of them first.</summary>
    public static IReadOnlyList<RunPlan> Plan(PlanRequest request, IProgress<string>? progress, CancellationToken cancellation)
    {
        var plans = new List<RunPlan>();
        foreach (InstancePrice instance in request.Instances.Where(instance => instance.Vcpu >= request.PodVcpu && (!request.Spot || instance.Spot is not null)))
        {
            progress?.Report($"simulating {instance.Name}");
            plans.Add(PlanOn(request, instance, cancellation));
        }

        return [.. plans.OrderBy(plan => plan.MeetsDeadline ? 0 : 1).ThenBy(plan => plan.MeetsDeadline ? plan.Cost : plan.EarliestSeconds)];
    }

    /// <summary>The scenario that a request makes on an instance.</summary>
    public static Scenario ScenarioOf(PlanRequest request, InstancePrice instance)
    {
        int podsPerNode = Math.Max(1, instance.Vcpu / request.PodVcpu);
        int parts = (int)Math.Min(int.MaxValue / 4, Math.Ceiling(request.Records / request.RowsPerPart));
        return new()
        {
            Name = instance.Name,
            Seed = request.Seed,
            Deadline = request.Deadline.TotalSeconds,
            Arrivals = [new(0, parts, (long)Math.Ceiling(request.Records / parts))],
            Workers = new() { RowsPerSecond = request.RowsPerSecond * request.PodVcpu * instance.Speed },
            Cluster = new()
            {
                PodsPerNode = podsPerNode,
                MaxPods = request.MaxPods,
                PodStart = request.PodStart.TotalSeconds,
                NodeStart = request.NodeStart.TotalSeconds,
                InterruptionsPerHour = request.Spot ? request.SpotInterruptionsPerHour : 0,
                NodePrice = request.Spot ? instance.Spot!.Value : instance.OnDemand,
            },
        };
    }

    private static RunPlan PlanOn(PlanRequest request, InstancePrice instance, CancellationToken cancellation)
    {
        Scenario scenario = ScenarioOf(request, instance);
        int runs = (int)Math.Clamp(PartsToSimulate / scenario.Parts, Math.Min(FewestRuns, request.Runs), request.Runs);
        SimulationResult earliest = Simulator.Run(scenario, new FixedRule(request.MaxPods, scenario.Arrivals, 0));
        var results = new List<(Scenario Scenario, SimulationResult Run)>();
        for (int i = 0; i < runs; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Scenario one = scenario with { Seed = request.Seed + (ulong)i };
            results.Add((one, Simulator.Run(one, new DeadlineRule(one))));
        }

        results = [.. results.OrderBy(result => Seconds(result.Run))];
        (Scenario middle, SimulationResult median) = results[results.Count / 2];
        double late = Seconds(results[Math.Min(results.Count - 1, (int)Math.Ceiling(0.95 * results.Count) - 1)].Run);
        return new()
        {
            Instance = instance,
            Pods = median.PeakPods,
            Nodes = median.PeakNodes,
            MedianSeconds = Seconds(median),
            P95Seconds = late,
            Cost = results.Average(result => result.Run.Cost),
            EarliestSeconds = Seconds(earliest),
            Runs = runs,
            MeetsDeadline = late <= request.Deadline.TotalSeconds,
            Timeline = Simulator.Run(middle, new DeadlineRule(middle), timeline: true).Timeline,
        };
    }

    private static double Seconds(SimulationResult run) => run.Finish ?? double.PositiveInfinity;
}
