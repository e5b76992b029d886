namespace Juoku.Soak.Tests;

public sealed class SoakTests
{
    private static readonly SoakOptions Short = new() { Seed = 4, Files = 40, Workers = 3, FaultRate = 0.005, StrikeSeconds = 1.5, Patience = TimeSpan.FromMinutes(5), Minutes = 0 };

    [Fact]
    public async Task Soak_WorkersKilledAndCallsFailing_EveryKeyHasItsOnePredictionAndNothingIsLeft()
    {
        await SoakAsync(Short with { IsLong = false });
    }

    [Fact]
    public async Task Soak_OnS3AndSqsServers_EveryKeyHasItsOnePredictionAndNothingIsLeft()
    {
        Assert.SkipWhen(RemoteServers.Missing is not null, $"{RemoteServers.Missing}");

        await SoakAsync(Short with { IsLong = true, OnlyRemote = true, Files = 24 });
    }

    private static async Task SoakAsync(SoakOptions options)
    {
        using var progress = new StringWriter();

        SoakSummary summary = await Soak.RunAsync(options, progress, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(summary.ToText());
        Assert.True(summary.Violations.Count == 0, $"{string.Join('\n', summary.Violations)}\n{progress}");
        Assert.True(summary.RejectedParts >= 6, $"{summary.RejectedParts} rejected parts where one of each of six kinds was to be expected");
        Assert.True(summary.Rows > 500);
    }
}
