namespace Juoku.EndToEnd.Tests;

public sealed class PlanTests
{
    [Theory]
    [InlineData("soon")]
    [InlineData("8d")]
    [InlineData("0s")]
    public void Plan_DeadlineThatIsNone_IsOneLineAndAUsageError(string deadline)
    {
        JuokuResult outcome = JuokuProcess.Run("plan", "--records", "1e9", "--rate", "250000", "--deadline", deadline);

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"juoku: --deadline {deadline}: write it as ", outcome.Error);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Plan_ImpossibleDeadline_SaysTheEarliestPossible()
    {
        JuokuResult outcome = JuokuProcess.Run("plan", "--records", "1e11", "--rate", "250000", "--deadline", "5m", "--instance", "c7i.2xlarge", "--runs", "5");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("5m cannot be met with up to 1000 workers: the earliest possible finish is ", outcome.Error);
        Assert.Contains("c7i.2xlarge", outcome.Output);
    }

    [Fact]
    public void Plan_UnknownInstance_NamesThoseThereAre()
    {
        JuokuResult outcome = JuokuProcess.Run("plan", "--records", "1e6", "--rate", "1e5", "--deadline", "1h", "--instance", "nothing.large");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("no instance 'nothing.large' in the price table, which has ", outcome.Error);
    }
}
