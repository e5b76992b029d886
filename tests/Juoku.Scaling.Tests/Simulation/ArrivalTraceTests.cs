using Juoku.Scaling.Simulation;

namespace Juoku.Scaling.Tests.Simulation;

public sealed class ArrivalTraceTests
{
    [Fact]
    public void Parse_SecondsOrTimes_AreTheSame()
    {
        Arrival[] expected = [new(0, 10, 1000), new(90, 5, 2000)];
        Assert.Equal(expected, ArrivalTrace.Parse(["time,parts,rows", "0,10,1000", "", "90,5,2000"], "a.csv"));
        Assert.Equal(expected, ArrivalTrace.Parse(["time,parts,rows", "2026-11-25T02:00:00Z,10,1000", "2026-11-25T02:01:30Z,5,2000"], "a.csv"));
    }

    [Theory]
    [InlineData("x,1,1")]
    [InlineData("0,0,1")]
    [InlineData("0,1")]
    [InlineData("-1,1,1")]
    [InlineData("NaN,1,1")]
    [InlineData("0,1,1e400")]
    public void Parse_BadLine_NamesFileAndLine(string line)
    {
        var error = Assert.Throws<ScalingException>(() => ArrivalTrace.Parse(["time,parts,rows", "0,1,1", line], "a.csv"));
        Assert.StartsWith("a.csv:3:", error.Message);
    }

    [Fact]
    public void Parse_OtherHeading_SaysWhichIsExpected() =>
        Assert.Contains("time,parts,rows", Assert.Throws<ScalingException>(() => ArrivalTrace.Parse(["a,b"], "a.csv")).Message);
}
