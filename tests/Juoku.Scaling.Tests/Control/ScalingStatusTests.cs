using Juoku.Scaling.Control;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Observing;

namespace Juoku.Scaling.Tests.Control;

public sealed class ScalingStatusTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Set_SameAgain_IsNoNewsAndKeepsItsTime()
    {
        var status = new ScalingStatus();

        Assert.True(status.Set(ScalingCondition.DeadlineAtRisk, true, "late", Noon));
        Assert.False(status.Set(ScalingCondition.DeadlineAtRisk, true, "later", Noon.AddMinutes(1)));
        Assert.Equal(new(ScalingCondition.DeadlineAtRisk, true, "later", Noon), status.Conditions[ScalingCondition.DeadlineAtRisk]);
        Assert.True(status.Set(ScalingCondition.DeadlineAtRisk, false, "", Noon.AddMinutes(2)));
    }

    [Fact]
    public void Set_FirstTimeAndAsUsual_IsNoNews()
    {
        var status = new ScalingStatus();

        Assert.False(status.Set(ScalingCondition.DeadlineAtRisk, false, "", Noon));
        Assert.False(status.Set(ScalingCondition.BacklogReadable, true, "", Noon, usual: true));
    }

    [Fact]
    public void From_OwnText_IsTheSame()
    {
        var status = new ScalingStatus();
        status.Set(ScalingCondition.DeadlineAtRisk, true, "late", Noon);

        ScalingStatus read = ScalingStatus.From(new Dictionary<string, string> { [ScalingStatus.ConditionsNote] = status.Text() });

        Assert.Equal(status.Conditions, read.Conditions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"type\":\"a\"},{\"type\":\"a\"}]")]
    public void From_WhatAnybodyMayHaveWritten_IsNoTrouble(string text) =>
        Assert.InRange(ScalingStatus.From(new Dictionary<string, string> { [ScalingStatus.ConditionsNote] = text }).Conditions.Count, 0, 1);

    [Fact]
    public void Take_DeadlineMayBeMissed_SaysBothTheLikelyEndAndTheUnlucky()
    {
        ClusterEvent told = Assert.Single(Told(eta: 4, unlucky: 7, earliest: 2));

        Assert.Equal(("DeadlineAtRisk", "run dt-a is due at 2026-11-25 12:05:00Z and may be late: done about 2026-11-25 12:04:00Z, with bad luck at 2026-11-25 12:07:00Z"), (told.Reason, told.Note));
    }

    [Theory]
    [InlineData(5.01, false)]
    [InlineData(5.02, true)]
    public void Take_EarliestEndASecondAfterTheDeadline_IsImpossible(double earliest, bool isImpossible) =>
        Assert.Equal(isImpossible, Told(eta: 6, unlucky: 7, earliest).Any(told => told.Reason == "DeadlineImpossible"));

    /// <summary>What is told of a run that is due at five past, with its possible ends in minutes.</summary>
    private static IReadOnlyList<ClusterEvent> Told(double eta, double unlucky, double earliest)
    {
        var run = new RunSnapshot { Run = "dt-a", Set = "ctr", Created = Noon, Deadline = Noon.AddMinutes(5), OpenParts = 3, OpenRows = 3000 };
        var step = new ScalingStep(
            new WorkerFleet { Version = "1", Uid = "u", Replicas = 2 },
            new WorkerCounts(2, 0, 2),
            new FleetSnapshot { Now = Noon, Runs = [run] },
            new FleetDecision
            {
                Decision = new() { Replicas = 2, Reason = "", State = new(2) },
                Backlog = new(3000, 3, 0, 0),
                Runs = [new(run, Noon.AddMinutes(eta), Noon.AddMinutes(unlucky), Noon.AddMinutes(earliest), DeadlineAtRisk: true)],
            });
        return new ScalingStatus().Take(step, 2, Noon);
    }
}
