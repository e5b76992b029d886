namespace Juoku.Soak.Tests;

public sealed class SoakTests
{
    [Fact]
    public async Task Soak_WorkersKilledAndCallsFailing_EveryKeyHasItsOnePredictionAndNothingIsLeft()
    {
        var options = new SoakOptions { Seed = 4, Files = 40, Workers = 3, FaultRate = 0.005, StrikeSeconds = 1.5, IsLong = false, Patience = TimeSpan.FromMinutes(5), Minutes = 0 };
        using var progress = new StringWriter();

        SoakSummary summary = await Soak.RunAsync(options, progress, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(summary.ToText());
        Assert.True(summary.Violations.Count == 0, $"{string.Join('\n', summary.Violations)}\n{progress}");
        Assert.True(summary.RejectedParts >= 6, $"{summary.RejectedParts} rejected parts where one of each of six kinds was to be expected");
        Assert.True(summary.Rows > 1000);
    }
}
