using System.Diagnostics;
using System.Text.Json;

namespace Juoku.EndToEnd.Tests;

/// <summary><c>juoku generate</c> and <c>juoku features</c> as a user types them.</summary>
public sealed class FeaturesTests
{
    private static readonly string[] SmallWorld = ["--users", "2000", "--ads", "40", "--days", "4", "--impressions-per-day", "20000", "--seed", "9"];

    [Fact]
    public void GenerateThenBuild_AsDocumented_MakesDaysThatAccountForEveryRow()
    {
        using var folder = new TemporaryFolder();
        JuokuResult generated = JuokuProcess.Run(["generate", "--output", folder["data"], .. SmallWorld, "--json"]);
        Assert.True(generated.ExitCode == 0, generated.Error);
        using JsonDocument world = JsonDocument.Parse(generated.Output);
        Assert.Equal("2026-10-30", world.RootElement.GetProperty("last_day").GetString());
        Assert.InRange(world.RootElement.GetProperty("click_rate").GetDouble(), 0.005, 0.03);

        JuokuResult built = JuokuProcess.Run("features", "build", "--set", "ctr", "--day", "2026-10-29", "--to", "2026-10-30", "--store", folder["data"], "--json");
        Assert.True(built.ExitCode == 0, built.Error);
        using JsonDocument summary = JsonDocument.Parse(built.Output);
        foreach (JsonElement day in summary.RootElement.GetProperty("days").EnumerateArray())
        {
            string name = day.GetProperty("day").GetString()!;
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(folder[$"data/features/ctr/dt={name}/_manifest.json"]));
            Assert.Equal(day.GetProperty("rows").GetInt64(), manifest.RootElement.GetProperty("rows").GetInt64());
            Assert.True(File.Exists(folder[$"data/features/ctr/dt={name}/_SUCCESS"]));
            Assert.True(day.GetProperty("labels_final").GetBoolean());
        }

        JuokuResult text = JuokuProcess.Run("features", "build", "--set", "ctr", "--day", "2026-10-30", "--store", folder["data"], "--memory", "512MB", "--threads", "1");
        Assert.Matches(@"^ctr 2026-10-30  \d\d,\d{3} rows in 1 file, \d+ clicked, \d+ repeated rows left out, ", text.Output);
    }

    [Fact]
    public void Build_Missing_SaysWhatItPassedOver()
    {
        using var folder = new TemporaryFolder();
        JuokuProcess.Run(["generate", "--output", folder["data"], .. SmallWorld]);
        JuokuResult Build(params string[] days) => JuokuProcess.Run(["features", "build", "--set", "ctr", "--store", folder["data"], "--missing", .. days]);
        Assert.Equal(0, Build("--day", "2026-10-28").ExitCode);

        JuokuResult text = Build("--day", "2026-10-24", "--to", "2026-10-29");
        Assert.True(text.ExitCode == 0, text.Error);
        Assert.Matches(@"^ctr 2026-10-24 … 2026-10-26  left out, no logs\nctr 2026-10-28  there already\nctr 2026-10-27  .*\n(  .*\n)*ctr 2026-10-29  .*\n(  .*\n)*[\d,]+ rows, ", text.Output);

        JuokuResult json = Build("--day", "2026-10-26", "--to", "2026-10-30", "--json");
        Assert.True(json.ExitCode == 0, json.Error);
        using JsonDocument summary = JsonDocument.Parse(json.Output);
        string?[] Days(string name) => [.. summary.RootElement.GetProperty(name).EnumerateArray().Select(day => day.GetString())];
        Assert.Equal("2026-10-30", Assert.Single(summary.RootElement.GetProperty("days").EnumerateArray()).GetProperty("day").GetString());
        Assert.Equal(["2026-10-27", "2026-10-28", "2026-10-29"], Days("already_there"));
        Assert.Equal(["2026-10-26"], Days("without_logs"));

        JuokuResult nothing = Build("--day", "2026-10-27", "--to", "2026-10-30");
        Assert.Equal((0, "ctr 2026-10-27 … 2026-10-30  there already\nnothing to build\n", ""), (nothing.ExitCode, nothing.Output, nothing.Error));

        JuokuResult none = Build("--day", "2026-10-01", "--to", "2026-10-03");
        Assert.Equal((4, ""), (none.ExitCode, none.Output));
        Assert.Contains("no logs of 2026-10-01 … 2026-10-03; there are 2026-10-27 to 2026-10-30", none.Error);
    }

    [Fact]
    public void Build_OfWhatIsNotThere_FailsInOneLineWithItsCode()
    {
        using var folder = new TemporaryFolder();
        Check(4, "logs/users: holds no Parquet files; put the logs there, or run juoku generate", JuokuProcess.Run("features", "build", "--set", "ctr", "--day", "2026-10-29", "--store", folder["none"]));
        Check(4, "feature set 'nosuch': no set.yaml in", JuokuProcess.Run("features", "build", "--set", "nosuch", "--day", "2026-10-29", "--store", folder["none"]));
        Check(2, "--memory lots: write a size, as in 512MB or 2GB.", JuokuProcess.Run("features", "build", "--set", "ctr", "--day", "2026-10-29", "--memory", "lots"));
        Check(2, "lies before --day", JuokuProcess.Run("features", "build", "--set", "ctr", "--day", "2026-10-29", "--to", "2026-10-28"));
        Check(2, "--ads 0: must be", JuokuProcess.Run("generate", "--ads", "0", "--output", folder["none"]));
        Check(4, "gone.csv: no such file", JuokuProcess.Run("features", "import", "avazu", folder["gone.csv"], "--set", "avazu", "--store", folder["none"]));

        static void Check(int code, string message, JuokuResult result)
        {
            Assert.Equal((code, ""), (result.ExitCode, result.Output));
            Assert.Contains(message, result.Error);
            Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task Build_KilledAtAnyMoment_LeavesWholeDaysAndCanBeRunAgain()
    {
        using var folder = new TemporaryFolder();
        JuokuProcess.Run(["generate", "--output", folder["data"], .. SmallWorld]);
        string[] build = ["features", "build", "--set", "ctr", "--day", "2026-10-28", "--to", "2026-10-30", "--store", folder["data"], "--scratch", folder["scratch"]];
        Assert.Equal(0, JuokuProcess.Run(build).ExitCode);
        Dictionary<string, byte[]> expected = Files(folder["data/features/ctr"]);

        // In the middle of the days before, of the first day, and of the second: as soon as something of it is there.
        foreach (string seen in (string[])["_aggregates/ctr/dt=2026-10-27", "ctr/dt=2026-10-28", "ctr/dt=2026-10-29"])
        {
            Directory.Delete(folder["data/features"], recursive: true);
            using (Process process = JuokuProcess.Start(build))
            {
                while (!Directory.Exists(folder[$"data/features/{seen}"]) && !process.HasExited) await Task.Delay(2, TestContext.Current.CancellationToken);
                process.Kill();
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            // What says that it is complete is complete.
            if (!Directory.Exists(folder["data/features/ctr"])) continue;
            foreach (string success in Directory.GetFiles(folder["data/features/ctr"], "_SUCCESS", SearchOption.AllDirectories))
            {
                foreach (string file in (string[])["part-00000.parquet", "_manifest.json"])
                {
                    string path = Path.Combine(Path.GetDirectoryName(success)!, file);
                    Assert.Equal(expected[Path.GetRelativePath(folder["data/features/ctr"], path)], File.ReadAllBytes(path));
                }
            }
        }

        Assert.Equal(0, JuokuProcess.Run(build).ExitCode);
        Assert.Equal(expected, Files(folder["data/features/ctr"]));
        Assert.Empty(Directory.GetFileSystemEntries(folder["scratch"]));
    }

    /// <summary>Every object below a folder, with its bytes.</summary>
    private static Dictionary<string, byte[]> Files(string root) => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path)[0] != '.').ToDictionary(path => Path.GetRelativePath(root, path), File.ReadAllBytes);
}
