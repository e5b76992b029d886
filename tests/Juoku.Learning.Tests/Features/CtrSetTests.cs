using Juoku.Learning.Features;

namespace Juoku.Learning.Tests.Features;

/// <summary>The set that comes with Juoku, on logs small enough to be counted by hand.</summary>
public sealed class CtrSetTests : IDisposable
{
    private const string Day = "2026-11-30";

    private readonly TinyLogs _logs = new();

    [Fact]
    public async Task Build_EveryWindow_CountsTheDaysBeforeAndNoOthers()
    {
        // 29, 28, 8, 7 and 1 days before.
        _logs.Day("2026-11-01", "(1, 1, '2026-11-01 10:00'), (2, 1, '2026-11-01 11:00')", "(1, '2026-11-01 10:01', '2026-11-01 10:02')");
        _logs.Day("2026-11-02", "(11, 1, '2026-11-02 10:00'), (12, 1, '2026-11-02 10:01'), (13, 1, '2026-11-02 10:02'), (14, 1, '2026-11-02 10:03')", "(12, '2026-11-02 10:05', '2026-11-02 10:06')");
        _logs.Day("2026-11-22", "(21, 1, '2026-11-22 10:00')");
        _logs.Day("2026-11-23", "(31, 1, '2026-11-23 10:00'), (32, 1, '2026-11-23 11:00')", "(31, '2026-11-23 10:01', '2026-11-23 10:02')");
        _logs.Day("2026-11-29", "(41, 1, '2026-11-29 20:00'), (42, 1, '2026-11-29 22:00'), (43, 1, '2026-11-29 23:00')", "(41, '2026-11-29 20:01', '2026-11-29 20:02')");
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00'), (92, 7, '2026-11-30 11:30')", "(92, '2026-11-30 11:31', '2026-11-30 11:31')");

        await _logs.BuildAsync(Day);

        List<Dictionary<string, object?>> rows = _logs.Features(Day);
        Assert.Equal([91L, 92L], rows.Select(row => row["impression_id"]));
        Dictionary<string, object?> known = rows[0];
        Assert.Equal((3, 5, 10, 3), (known["user_impressions_1d"], known["user_impressions_7d"], known["user_impressions_28d"], known["user_clicks_28d"]));
        Assert.Equal((3, 10), (known["ad_impressions_1d"], known["ad_impressions_28d"]));
        float base1 = Smoothed(1, 3, 0.01, 1000), base7 = Smoothed(2, 5, 0.01, 1000), base28 = Smoothed(3, 10, 0.01, 1000);
        Assert.Equal((Smoothed(2, 5, base7, 50), Smoothed(3, 10, base28, 50)), (known["user_ctr_7d"], known["user_ctr_28d"]));
        Assert.Equal(Smoothed(1, 3, Smoothed(1, 3, Smoothed(1, 3, base1, 500), 500), 300), known["ad_ctr_1d"]);
        Assert.Equal(Smoothed(2, 5, Smoothed(2, 5, Smoothed(2, 5, base7, 500), 500), 300), known["ad_ctr_7d"]);
        Assert.Equal(Smoothed(3, 10, Smoothed(3, 10, Smoothed(3, 10, base28, 500), 500), 300), known["ad_ctr_28d"]);
        Assert.Equal((Smoothed(1, 3, base1, 500), Smoothed(2, 5, base7, 500), Smoothed(3, 10, base28, 500)), (known["site_ctr_1d"], known["site_ctr_7d"], known["site_ctr_28d"]));
        Assert.Equal(Smoothed(3, 10, Smoothed(3, 10, base28, 500), 300), known["site_category_ctr_28d"]);
        Assert.Equal((Smoothed(2, 5, base7, 500), Smoothed(3, 10, base28, 500)), (known["device_size_ctr_7d"], known["device_size_ctr_28d"]));
        Assert.Equal(11f, known["user_hours_since_impression"]);
        Assert.Equal(13f + 59f / 60, (float)known["user_hours_since_click"]!, 1e-4);

        Assert.Equal((10, 1, 1, 60), (known["hour"], known["weekday"], known["position"], known["ad_age_days"]));
        Assert.Equal((30, "ios", 3, 1, 5), (known["age"], known["device"], known["interest"], known["on_topic"], known["advertiser"]));
        Assert.Equal((0, 1f), (known["clicked"], known["weight"]));

        // A user whom no table knows and no log has seen: nothing is made up.
        Dictionary<string, object?> stranger = rows[1];
        Assert.Equal((1, 0, null, null, null), (stranger["clicked"], stranger["user_impressions_28d"], stranger["user_hours_since_impression"], stranger["age"], stranger["device"]));
        Assert.Equal(base28, stranger["user_ctr_28d"]);
    }

    [Fact]
    public async Task Build_FirstDayOfAll_HasAnEmptyHistory()
    {
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00')", "(91, '2026-11-30 10:01', '2026-11-30 10:02')");

        await _logs.BuildAsync(Day);

        Dictionary<string, object?> row = Assert.Single(_logs.Features(Day));
        Assert.Equal((1, 0, 0.01f), (row["clicked"], row["user_impressions_28d"], row["ad_ctr_28d"]));
    }

    [Fact]
    public async Task Build_WithALaterFuture_ChangesNothingButTheLabel()
    {
        _logs.Day("2026-11-29", "(41, 1, '2026-11-29 20:00'), (42, 1, '2026-11-29 23:59')", "(41, '2026-11-29 20:01', '2026-11-29 20:02')");
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00')");
        await _logs.BuildAsync(Day);
        List<Dictionary<string, object?>> before = _logs.Features(Day);

        // A click on yesterday's impression that arrived today, clicks of today, and a whole day more.
        _logs.Clicks(Day, "(42, '2026-11-29 23:59:30', '2026-11-30 00:00:10'), (91, '2026-11-30 10:01', '2026-11-30 10:02')");
        _logs.Day("2026-12-01", "(95, 1, '2026-12-01 10:00')", "(95, '2026-12-01 10:01', '2026-12-01 10:02')");
        await _logs.BuildAsync(Day);
        List<Dictionary<string, object?>> after = _logs.Features(Day);

        Assert.Equal((0, 1), (before[0]["clicked"], after[0]["clicked"]));
        before[0]["clicked"] = after[0]["clicked"] = null;
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Build_ClickArrivedLate_LabelsItsOwnDayAndCountsOnceKnown()
    {
        _logs.Day("2026-11-28", "(31, 1, '2026-11-28 23:50')");
        _logs.Day("2026-11-29", "(41, 1, '2026-11-29 12:00')", "(31, '2026-11-28 23:59', '2026-11-29 08:00'), (31, '2026-11-28 23:59', '2026-11-29 09:00')");
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00')", "(31, '2026-11-28 23:59', '2026-11-30 01:00')"); // told once more: counted no more
        _logs.Day("2026-12-01", "(95, 1, '2026-12-01 10:00')");

        await _logs.BuildAsync("2026-11-28", "2026-12-01");

        Assert.Equal(1, _logs.Features("2026-11-28").Single()["clicked"]);
        Assert.Equal((0, 0), (_logs.Features("2026-11-29").Single()["clicked"], _logs.Features("2026-11-29").Single()["user_clicks_28d"]));
        Assert.Equal(1, _logs.Features(Day).Single()["user_clicks_28d"]);
        Assert.Equal(1, _logs.Features("2026-12-01").Single()["user_clicks_28d"]);
    }

    [Fact]
    public async Task Build_Again_MakesOnlyTheKeptDaysWhoseLogsChanged()
    {
        _logs.Day("2026-11-28", "(31, 1, '2026-11-28 10:00')");
        _logs.Day("2026-11-29", "(41, 1, '2026-11-29 12:00')");
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00')");
        await _logs.BuildAsync(Day);
        (DateTime older, DateTime newer) = (Kept("2026-11-28"), Kept("2026-11-29"));

        await _logs.BuildAsync(Day);
        Assert.Equal((older, newer), (Kept("2026-11-28"), Kept("2026-11-29")));

        _logs.Clicks("2026-11-29", "(41, '2026-11-29 12:01', '2026-11-29 12:02')");
        await _logs.BuildAsync(Day);
        Assert.Equal(older, Kept("2026-11-28"));
        Assert.NotEqual(newer, Kept("2026-11-29"));
        Assert.Equal(1, _logs.Features(Day).Single()["user_clicks_28d"]);

        DateTime Kept(string day) => File.GetLastWriteTimeUtc(_logs.Store.PathTo($"features/_aggregates/ctr/dt={day}/by_user.parquet"));
    }

    [Fact]
    public async Task Build_InAStoreThatIsNoFolder_GivesTheSameFiles()
    {
        _logs.Day("2026-11-29", "(41, 1, '2026-11-29 12:00')", "(41, '2026-11-29 12:01', '2026-11-29 12:02')");
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00')", "(91, '2026-11-30 10:01', '2026-11-30 10:02')");
        FeatureSummary here = await _logs.BuildAsync("2026-11-29", Day);

        FeatureSummary away = await FeatureBuild.RunAsync(
            new RemoteStore(_logs.Store), new FeatureOptions { Set = "ctr", Day = new DateOnly(2026, 11, 29), To = new DateOnly(2026, 11, 30) }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(here.Days.SelectMany(day => day.Manifest.Files), away.Days.SelectMany(day => day.Manifest.Files));
    }

    [Fact]
    public async Task Build_ClickAfterADay_IsNoLabel()
    {
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00'), (92, 1, '2026-11-30 10:00')");
        _logs.Clicks("2026-12-01", "(91, '2026-12-01 09:59:59', '2026-12-01 10:30'), (92, '2026-12-01 10:00', '2026-12-01 10:30')");

        await _logs.BuildAsync(Day);

        Assert.Equal([1, 0], _logs.Features(Day).Select(row => row["clicked"]));
    }

    [Fact]
    public async Task Build_DayAfterIsMissing_SaysThatLabelsAreNotFinal()
    {
        _logs.Day(Day, "(91, 1, '2026-11-30 10:00')");
        Assert.True((await _logs.BuildAsync(Day)).Days[0].ClicksMissing);

        _logs.Clicks("2026-12-01", "");
        Assert.False((await _logs.BuildAsync(Day)).Days[0].ClicksMissing);
    }

    [Fact]
    public async Task Build_RowsLoggedAgain_KeepsTheFirst()
    {
        _logs.Day(Day, "(91, 1, '2026-11-30 10:05'), (91, 1, '2026-11-30 10:00'), (92, 1, '2026-11-30 10:10')");

        FeatureSummary summary = await _logs.BuildAsync(Day);

        Assert.Equal((2, 1), (summary.Rows, summary.Days[0].Manifest.Duplicates));
        Assert.Equal([10, 10], _logs.Features(Day).Select(row => row["hour"]));
    }

    public void Dispose() => _logs.Dispose();

    private static float Smoothed(double clicks, double impressions, double prior, double strength) => (float)((clicks + strength * prior) / (impressions + strength));
}
