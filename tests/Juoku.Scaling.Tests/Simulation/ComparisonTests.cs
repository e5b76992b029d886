using Juoku.Scaling.Simulation;

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

    [Fact]
    public void Run_SameSeeds_SameFigures()
    {
        Comparison first = Comparison.Run(Preset.Many(8, 5), 2, null, TestContext.Current.CancellationToken);
        Comparison second = Comparison.Run(Preset.Many(8, 5), 1, null, TestContext.Current.CancellationToken);
        Assert.Equal(first.Rules, second.Rules);
    }
}
