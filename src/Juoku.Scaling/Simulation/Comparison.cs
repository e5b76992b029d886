using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Scaling.Simulation;

/// <summary>Rules beside each other and beside the optimum, over many scenarios.</summary>
public sealed record Comparison
{
    /// <summary>Scenarios.</summary>
    public required int Scenarios { get; init; }

    /// <summary>Scenarios whose deadline the optimum meets.</summary>
    public required int Feasible { get; init; }

    /// <summary>The rules, the optimum first.</summary>
    public required IReadOnlyList<RuleSummary> Rules { get; init; }

    /// <summary>Mean cost of the optimum over that of the work alone.</summary>
    public required double OptimumOverWork { get; init; }

    /// <summary>The rules that are compared, fresh for one scenario.</summary>
    public static IReadOnlyList<ScalingRule> FreshRules(Scenario scenario) =>
    [
        new DeadlineRule(scenario),
        new KedaQueueRule(scenario.Cluster.MaxPods),
        new UtilisationRule(scenario.Cluster.MaxPods),
        new StepRule(scenario.Cluster.MaxPods),
    ];

    /// <summary>Simulates every scenario under every rule.</summary>
    /// <param name="scenarios">What to simulate.</param>
    /// <param name="threads">Threads that simulate.</param>
    /// <param name="progress">Hears the number of scenarios that are done.</param>
    /// <param name="cancellation">Stops between scenarios.</param>
    public static Comparison Run(IEnumerable<Scenario> scenarios, int threads, IProgress<int>? progress, CancellationToken cancellation)
    {
        Scenario[] all = [.. scenarios];
        var outcomes = new ScenarioOutcome[all.Length];
        int done = 0;
        Parallel.For(0, all.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            outcomes[i] = ScenarioOutcome.Of(all[i]);
            progress?.Report(Interlocked.Increment(ref done));
        });
        return Summarise(outcomes);
    }

    private static Comparison Summarise(ScenarioOutcome[] outcomes)
    {
        ScenarioOutcome[] feasible = [.. outcomes.Where(outcome => outcome.Optimum is not null)];
        var rules = new List<RuleSummary> { RuleSummary.Of("optimum", feasible, outcome => outcome.Optimum!) };
        for (int i = 0; outcomes.Length > 0 && i < outcomes[0].Rules.Count; i++)
        {
            int rule = i;
            rules.Add(RuleSummary.Of(outcomes[0].Rules[i].Name, feasible, outcome => outcome.Rules[rule].Run));
        }

        return new()
        {
            Scenarios = outcomes.Length,
            Feasible = feasible.Length,
            Rules = rules,
            OptimumOverWork = feasible.Length == 0 ? 0 : feasible.Average(outcome => outcome.Optimum!.Cost / Clairvoyant.WorkAlone(outcome.Scenario)),
        };
    }
}

/// <summary>One scenario under every rule.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Optimum">The cheapest run that met the deadline, of the clairvoyant's plans and of the rules; null when none did.</param>
/// <param name="Rules">Each rule's run.</param>
public sealed record ScenarioOutcome(Scenario Scenario, SimulationResult? Optimum, IReadOnlyList<(string Name, SimulationResult Run)> Rules)
{
    /// <summary>Simulates a scenario under every rule, and finds its optimum.</summary>
    public static ScenarioOutcome Of(Scenario scenario)
    {
        List<(string Name, SimulationResult Run)> rules = [.. Comparison.FreshRules(scenario).Select(rule => (rule.Name, Simulator.Run(scenario, rule)))];
        SimulationResult? best = rules.Select(rule => rule.Run).Append(Clairvoyant.Best(scenario))
            .Where(run => run is not null && run.Meets(scenario.Deadline)).MinBy(run => run!.Cost);
        return new(scenario, best, rules);
    }
}

/// <summary>One rule over the scenarios whose deadline the optimum meets.</summary>
/// <param name="Name">The rule.</param>
/// <param name="Met">Share of deadlines met.</param>
/// <param name="CostRatio">Cost of all scenarios over the optimum's cost of all.</param>
/// <param name="MeanCostRatio">Mean over scenarios of cost over the optimum's.</param>
/// <param name="MedianFinish">Median of the finishing time over the deadline, where there is one and the run ended.</param>
/// <param name="KilledBusy">Busy workers taken away, on average.</param>
/// <param name="Turns">Changes of direction, on average.</param>
public sealed record RuleSummary(string Name, double Met, double CostRatio, double MeanCostRatio, double? MedianFinish, double KilledBusy, double Turns)
{
    internal static RuleSummary Of(string name, ScenarioOutcome[] feasible, Func<ScenarioOutcome, SimulationResult> run)
    {
        if (feasible.Length == 0) return new(name, 0, 0, 0, null, 0, 0);
        double[] finishes = [.. feasible.Where(outcome => outcome.Scenario.Deadline is not null && run(outcome).Finish is not null)
            .Select(outcome => run(outcome).Finish!.Value / outcome.Scenario.Deadline!.Value).Order()];
        return new(
            name,
            feasible.Average(outcome => run(outcome).Meets(outcome.Scenario.Deadline) ? 1.0 : 0),
            feasible.Sum(outcome => run(outcome).Cost) / feasible.Sum(outcome => outcome.Optimum!.Cost),
            feasible.Average(outcome => run(outcome).Cost / outcome.Optimum!.Cost),
            finishes.Length == 0 ? null : finishes[finishes.Length / 2],
            feasible.Average(outcome => (double)run(outcome).KilledBusy),
            feasible.Average(outcome => (double)run(outcome).Turns));
    }
}
