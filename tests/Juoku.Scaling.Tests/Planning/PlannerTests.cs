using System.Xml.Linq;
using Juoku.Scaling.Planning;

namespace Juoku.Scaling.Tests.Planning;

public sealed class PlannerTests
{
    private static readonly PlanRequest Request = new()
    {
        Records = 1e9,
        Deadline = TimeSpan.FromHours(1),
        RowsPerSecond = 50_000,
        Runs = 20,
        Instances =
        [
            new() { Name = "small", Vcpu = 4, MemoryGb = 8, OnDemand = 0.2, Spot = 0.1 },
            new() { Name = "dear", Vcpu = 4, MemoryGb = 8, OnDemand = 0.4 },
        ],
    };

    [Fact]
    public void Plan_PossibleDeadline_IsMetByTheCheaperInstance()
    {
        IReadOnlyList<RunPlan> plans = Planner.Plan(Request, null, TestContext.Current.CancellationToken);
        Assert.Equal(["small", "dear"], plans.Select(plan => plan.Instance.Name));
        Assert.True(plans[0].MeetsDeadline);
        Assert.InRange(plans[0].Pods, 6, 12);
        Assert.InRange(plans[0].MedianSeconds, 1800, 3600);
        Assert.True(plans[0].P95Seconds >= plans[0].MedianSeconds);
    }

    [Fact]
    public void Plan_ImpossibleDeadline_TellsTheEarliestFinish()
    {
        RunPlan plan = Planner.Plan(Request with { Deadline = TimeSpan.FromMinutes(2), MaxPods = 8 }, null, TestContext.Current.CancellationToken)[0];
        Assert.False(plan.MeetsDeadline);
        Assert.InRange(plan.EarliestSeconds, 2500, 2900);
    }

    [Fact]
    public void Plan_Spot_LeavesOutInstancesWithoutASpotPrice() =>
        Assert.Equal("small", Assert.Single(Planner.Plan(Request with { Spot = true }, null, TestContext.Current.CancellationToken)).Instance.Name);

    [Fact]
    public void Draw_AnyPlan_IsXmlWithItsCurves()
    {
        RunPlan plan = Planner.Plan(Request, null, TestContext.Current.CancellationToken)[0];
        XDocument svg = XDocument.Parse(TimelineSvg.Draw("1 < 2 & \"3\"", "note", plan.Timeline, 3600));
        string[] styles = [.. svg.Descendants().Where(element => element.Name.LocalName == "path").Select(path => (string)path.Attribute("class")!)];
        Assert.Superset(new HashSet<string> { "rows", "wanted", "ready", "nodes" }, styles.ToHashSet());
    }
}
