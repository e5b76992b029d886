using Juoku.Scaling.Control;

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
}
