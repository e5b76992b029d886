using System.Diagnostics;

namespace Juoku.EndToEnd.Tests;

public sealed class TrainKillTests
{
    private static readonly string[] Train = ["train", "--set", "ctr", "--from", "2026-10-28", "--to", "2026-11-01", "--name", "ctr"];

    [Fact]
    public async Task Train_KilledWhileItLearns_LeavesARegistryInWhichEveryCommandWorks()
    {
        using var folder = new TemporaryFolder();
        string[] store = ["--store", folder["data"]];
        Succeeds("generate", "--output", folder["data"], "--users", "2000", "--ads", "40", "--days", "6", "--impressions-per-day", "20000", "--seed", "9");
        Succeeds(["features", "build", "--set", "ctr", "--day", "2026-10-28", "--to", "2026-11-01", .. store]);

        using (Process training = JuokuProcess.Start([.. Train, .. store]))
        {
            // It learns once LightGBM's library is in its memory.
            while (!training.HasExited && !File.ReadAllText($"/proc/{training.Id}/maps").Contains("lib_lightgbm", StringComparison.Ordinal))
                await Task.Delay(5, TestContext.Current.CancellationToken);
            Assert.False(training.HasExited, "The training ended before it could be killed.");
            training.Kill();
            await training.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.False(Directory.Exists(folder["data/models/ctr/1"]));
        Succeeds(["models", "list", .. store]);
        JuokuResult nothing = JuokuProcess.Run(["models", "show", "ctr/1", .. store]);
        Assert.Equal(4, nothing.ExitCode);
        Succeeds([.. Train, .. store]);
        Succeeds(["models", "verify", "ctr/1", .. store]);
    }

    private static void Succeeds(params string[] arguments)
    {
        JuokuResult result = JuokuProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, $"juoku {string.Join(' ', arguments)}: {result.Error}");
    }
}
