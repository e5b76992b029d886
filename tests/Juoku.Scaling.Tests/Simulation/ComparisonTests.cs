using Juoku.Scaling.Simulation;

namespace Juoku.Scaling.Tests.Simulation;

public sealed class ComparisonTests(ITestOutputHelper output)
{
    [Fact]
    public void Run_PresetsInTurn_OursMeetsDeadlinesAtNearlyTheOptimumsCost()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("N") ?? "60");
        Comparison comparison = Comparison.Run(Preset.Many(count, 1), 2, null, TestContext.Current.CancellationToken);
        output.WriteLine($"{comparison.Feasible}/{comparison.Scenarios} work x{comparison.OptimumOverWork}");
        foreach (RuleSummary rule in comparison.Rules) output.WriteLine(rule.ToString());
    }
}
