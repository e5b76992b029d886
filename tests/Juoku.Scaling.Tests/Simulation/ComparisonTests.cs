using Juoku.Scaling.Simulation;
using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Scaling.Tests.Simulation;

public sealed class ComparisonTests
{
    [Fact]
    public void Run_PresetsInTurn_OursIsInTimeAndCheapest()
    {
        Comparison comparison = Comparison.Run(Preset.Many(48, 1), 2, null, TestContext.Current.CancellationToken);
        RuleSummary ours = comparison.Rules.Single(rule => rule.Name == "juoku");
        Assert.InRange(ours.Met, 0.97, 1);
        Assert.InRange(ours.CostRatio, 1, 1.15);
        Assert.Equal(0, ours.KilledBusy);
        Assert.All(comparison.Rules.Where(rule => rule.Name is "keda" or "hpa" or "step"), rule => Assert.True(rule.CostRatio > ours.CostRatio, rule.ToString()));
    }

    /// <summary>A thousand runs of ours alone take a second: what was promised of deadlines holds for seeds that nobody tuned for, too.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Run_OursAlone_ThousandRuns_OnlyLateInputIsLate(ulong seed)
    {
        Scenario[] late = [.. Preset.Many(1000, seed).Where(scenario => !Simulator.Run(scenario, new DeadlineRule(scenario)).Meets(scenario.Deadline))];
        Assert.InRange(late.Length, 0, 10);
        Assert.All(late, scenario => Assert.Equal("late-input", scenario.Name));
    }

    [Fact]
    public void Run_SameSeeds_SameFigures()
    {
        Comparison first = Comparison.Run(Preset.Many(8, 5), 2, null, TestContext.Current.CancellationToken);
        Comparison second = Comparison.Run(Preset.Many(8, 5), 1, null, TestContext.Current.CancellationToken);
        Assert.Equal(first.Rules, second.Rules);
    }
}
