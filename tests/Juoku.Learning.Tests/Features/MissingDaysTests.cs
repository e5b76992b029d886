using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Features;

namespace Juoku.Learning.Tests.Features;

/// <summary>A build of what is missing: what it builds, what it passes over, what it refuses.</summary>
public sealed class MissingDaysTests : IDisposable
{
    private const string Yaml = """
        sources:
          ads:
            path: logs/ads
            required: true
          impressions:
            path: logs/impressions
            required: true
          clicks:
            path: logs/clicks
        features:
          reads: { ads: 0, impressions: 0, clicks: 0..1 }
          steps: [features]
        columns:
          - { name: impression_id, role: key }
          - { name: clicked, role: label }
        """;

    private const string Sql = "SELECT impression_id, (impression_id IN (SELECT impression_id FROM clicks))::INTEGER AS clicked FROM impressions";

    private readonly TinyLogs _logs = new();

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Build_Missing_BuildsWhatIsNotThereOldestFirst()
    {
        Days(26, 27, 28, 29);
        await Build(27, 27, missing: false);
        string before = await Version(27);

        FeatureSummary summary = await Build(23, 29);

        Assert.Equal([Day(26), Day(28), Day(29)], summary.Days.Select(day => day.Manifest.Day));
        Assert.Equal([Day(27)], summary.Passed!.There);
        Assert.Equal([Day(23), Day(24), Day(25)], summary.Passed.WithoutLogs);
        Assert.Equal(before, await Version(27));
        Assert.Equal([Day(26), Day(27), Day(28), Day(29)], await FeatureDays.ListAsync(_logs.Store, "tiny", Cancel));
    }

    [Fact]
    public async Task Build_NotMissing_BuildsEveryDayAndRefusesOneWithoutLogs()
    {
        Days(26, 27);
        await Build(26, 27, missing: false);
        string before = await Version(26);

        Assert.Null((await Build(26, 27, missing: false)).Passed);
        Assert.NotEqual(before, await Version(26));
        await Assert.ThrowsAsync<NotFoundException>(() => Build(25, 27, missing: false));
    }

    [Fact]
    public async Task Build_MissingAndAllThere_TouchesNothing()
    {
        Days(26, 27);
        await Build(26, 27, missing: false);
        Dictionary<string, byte[]> before = _logs.Files("features");
        string version = await Version(26);

        FeatureSummary summary = await Build(26, 27);

        Assert.Empty(summary.Days);
        Assert.Equal([Day(26), Day(27)], summary.Passed!.There);
        Assert.Equal(before, _logs.Files("features"));
        Assert.Equal(version, await Version(26));
    }

    [Theory]
    [InlineData("_SUCCESS", null)] // a build that was killed
    [InlineData("_manifest.json", null)] // two builds at once, one of them killed
    [InlineData("_manifest.json", "{")]
    public async Task Build_MissingAndDayHalfThere_BuildsIt(string name, string? content)
    {
        Days(26);
        await Build(26, 26, missing: false);
        Dictionary<string, byte[]> whole = _logs.Files("features/tiny");
        string path = _logs.Store.PathTo($"features/tiny/{FeatureDays.Named(Day(26))}/{name}");
        if (content is null) File.Delete(path);
        else await File.WriteAllTextAsync(path, content, Cancel);

        Assert.Single((await Build(26, 26)).Days);

        Assert.Equal(whole, _logs.Files("features/tiny"));
    }

    [Fact]
    public async Task Build_MissingAndNoDayHasLogs_SaysWhichDaysThereAre()
    {
        Days(26, 27);

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => Build(20, 24));

        Assert.EndsWith("logs/ads: no logs of 2026-11-20 … 2026-11-24; there are 2026-11-26 to 2026-11-27", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_MissingAndOneLogOfADayIsLacking_FailsBeforeItBuilds()
    {
        Days(26, 27, 28);
        Directory.Delete(_logs.Store.PathTo("logs/impressions/dt=2026-11-27"), recursive: true);

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => Build(25, 28));

        Assert.Contains("logs/impressions/dt=2026-11-27: no logs of that day", error.Message, StringComparison.Ordinal);
        Assert.Empty(await FeatureDays.ListAsync(_logs.Store, "tiny", Cancel));
    }

    [Fact]
    public async Task Build_MissingAndLogsCameLate_BuildsTheirDaysAgain()
    {
        Days(26, 28);
        _logs.Day("2026-11-27", "(27, 1, '2026-11-27 10:00')");
        Directory.Delete(_logs.Store.PathTo("logs/clicks/dt=2026-11-28"), recursive: true);
        Assert.True((await Build(26, 27)).Days[1].ClicksMissing);
        Assert.Empty((await Build(26, 27)).Days);

        // As long as it is the 28th, more of its clicks will come.
        _logs.Clicks("2026-11-28", "(27, '2026-11-27 23:59', '2026-11-28 00:10')");
        Assert.Empty((await Build(26, 27, today: 28)).Days);

        FeatureDaySummary again = Assert.Single((await Build(26, 27)).Days);

        Assert.Equal((Day(27), 1L, false), (again.Manifest.Day, again.Manifest.Clicks, again.ClicksMissing));
        Assert.Empty((await Build(26, 27)).Days);
    }

    [Fact]
    public async Task Build_MissingAndLogsAreGone_LeavesTheDay()
    {
        Days(26, 27);
        await Build(26, 27);
        foreach (string log in (string[])["ads", "impressions", "clicks"]) Directory.Delete(_logs.Store.PathTo($"logs/{log}/dt=2026-11-26"), recursive: true);

        FeatureSummary summary = await Build(25, 27);

        Assert.Empty(summary.Days);
        Assert.Equal([Day(26), Day(27)], summary.Passed!.There);
        Assert.Equal([Day(25)], summary.Passed.WithoutLogs);
    }

    [Fact]
    public async Task Build_MissingAndAnotherBuildsMeanwhile_LeavesThatDayToIt()
    {
        Days(26, 27);
        await Build(27, 27, missing: false);
        string folder = _logs.Store.PathTo("features/tiny/dt=2026-11-27"), aside = _logs.Store.PathTo("aside");
        Directory.Move(folder, aside);

        FeatureSummary summary = await Build(26, 27, progress: new Told(text =>
        {
            if (text.Contains("2026-11-26", StringComparison.Ordinal)) Directory.Move(aside, folder);
        }));

        Assert.Equal([Day(26)], summary.Days.Select(day => day.Manifest.Day));
        Assert.Equal([Day(27)], summary.Passed!.There);
    }

    public void Dispose() => _logs.Dispose();

    private static DateOnly Day(int day) => new(2026, 11, day);

    /// <summary>Writes the logs of days of November.</summary>
    private void Days(params int[] days)
    {
        foreach (int day in days) _logs.Day($"2026-11-{day}", $"({day}, 1, '2026-11-{day} 10:00')");
    }

    private Task<FeatureSummary> Build(int from, int to, bool missing = true, int today = 30, IProgress<string>? progress = null) => FeatureBuild.RunAsync(
        _logs.Store,
        new FeatureOptions { Set = "tiny", Day = Day(from), To = Day(to), OnlyMissing = missing, Definition = _logs.Define(Yaml, ("features", Sql)), Threads = 1 },
        progress,
        new Clock(new DateTimeOffset(2026, 11, today, 0, 30, 0, TimeSpan.Zero)),
        Cancel);

    /// <summary>Tells one build of a day from another.</summary>
    private async Task<string> Version(int day)
    {
        StoredObject? success = await _logs.Store.FindAsync($"features/tiny/{FeatureDays.Named(Day(day))}/_SUCCESS", Cancel);
        return success!.ETag;
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
