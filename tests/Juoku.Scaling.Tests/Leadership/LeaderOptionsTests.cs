using Juoku.Scaling.Leadership;

namespace Juoku.Scaling.Tests.Leadership;

public sealed class LeaderOptionsTests
{
    [Theory]
    [InlineData(15, 15, 2, 1, "two would lead")]
    [InlineData(0.5, 0.4, 0.2, 0.1, "whole seconds")]
    [InlineData(2.5, 2, 1, 1, "whole seconds")]
    [InlineData(15, 10, 10, 1, "set less than 00:00:10")]
    [InlineData(15, 10, 2, 10, "set less than 00:00:10")]
    [InlineData(15, 10, 0, 1, "more than zero")]
    public void Validate_TimesThatContradict_AreRefused(double duration, double within, double every, double look, string why)
    {
        var options = new LeaderOptions
        {
            Lease = "x",
            Identity = "x",
            Duration = TimeSpan.FromSeconds(duration),
            RenewWithin = TimeSpan.FromSeconds(within),
            RenewEvery = TimeSpan.FromSeconds(every),
            LookEvery = TimeSpan.FromSeconds(look),
        };

        Assert.Contains(why, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Defaults_AreFine() => Assert.Null(Record.Exception(new LeaderOptions { Lease = "x", Identity = "x" }.Validate));
}
