using Juoku.Batch.Stores;
using ParquetSharp;

namespace Juoku.Learning.Generation;

/// <summary>The tables of the logs: their names in the store, their columns, and how rows go into them.</summary>
internal static class LogTables
{
    public static Column[] Impressions =>
    [
        new Column<long>("impression_id"), ParquetLog.Time("event_time"), new Column<long?>("user_id"), new Column<int>("ad_id"),
        new Column<string>("site"), new Column<int>("position"),
    ];

    public static Column[] Truth => [new Column<long>("impression_id"), new Column<double>("probability")];

    private static Column[] Clicks =>
        [new Column<long?>("impression_id"), new Column<long>("user_id"), new Column<int>("ad_id"), ParquetLog.Time("click_time"), ParquetLog.Time("arrived_at")];

    private static Column[] Users =>
    [
        new Column<long>("user_id"), new Column<int>("age"), new Column<string>("gender"), new Column<string>("region"), new Column<string>("carrier"),
        new Column<string>("device"), new Column<string>("interest_1"), new Column<string>("interest_2"), new Column<string>("interest_3"),
    ];

    private static Column[] Ads =>
    [
        new Column<int>("ad_id"), new Column<int>("advertiser_id"), new Column<string>("category"), new Column<string>("size"), new Column<double>("bid"),
        ParquetLog.Time("first_shown"),
    ];

    public static string Key(string table, DateOnly day, int part) => $"{table}/dt={day:yyyy-MM-dd}/part-{part:D5}.parquet";

    public static void Write(ParquetLog log, ImpressionRows rows)
    {
        int count = rows.Count;
        log.BeginGroup();
        log.Write<long>(rows.Id.AsSpan(0, count));
        log.Write<long>(rows.Time.AsSpan(0, count));
        log.Write(rows.User.AsSpan(0, count), rows.UserPresent.AsSpan(0, count));
        log.Write<int>(rows.Ad.AsSpan(0, count));
        log.Write<int>(rows.Site.AsSpan(0, count), rows.SitePresent.AsSpan(0, count), Vocabulary.Sites);
        log.Write<int>(rows.Position.AsSpan(0, count));
        log.EndGroup();
    }

    public static void WriteTruth(ParquetLog log, ImpressionRows rows)
    {
        log.BeginGroup();
        log.Write<long>(rows.TruthId.AsSpan(0, rows.TruthCount));
        log.Write<double>(rows.Probability.AsSpan(0, rows.TruthCount));
        log.EndGroup();
    }

    public static Task WriteClicksAsync(IStore store, DateOnly day, Click[] clicks, CancellationToken cancellation) =>
        WriteAsync(store, Key("logs/clicks", day, 0), Clicks, clicks.Length, (log, first, count) =>
        {
            ReadOnlySpan<Click> rows = clicks.AsSpan(first, count);
            var present = new short[count];
            for (int i = 0; i < count; i++) present[i] = rows[i].Impression == 0 ? ImpressionRows.Absent : ImpressionRows.Present;
            log.Write(Select(rows, click => click.Impression), present);
            log.Write<long>(Select(rows, click => click.User));
            log.Write<int>(Select(rows, click => click.Ad));
            log.Write<long>(Select(rows, click => click.Time));
            log.Write<long>(Select(rows, click => click.Arrived));
        }, cancellation);

    public static Task WriteUsersAsync(IStore store, Population people, CancellationToken cancellation) =>
        WriteAsync(store, "logs/users/part-00000.parquet", Users, people.Count, (log, first, count) =>
        {
            T[] Of<T>(Func<int, T> value) => [.. Enumerable.Range(first, count).Select(value)];
            log.Write<long>(Of(user => user + 1L));
            log.Write<int>(people.Ages.AsSpan(first, count));
            log.Write<byte>(Of(user => people[user].Gender), default, Vocabulary.Genders);
            log.Write<byte>(people.Regions.AsSpan(first, count), default, Vocabulary.Regions);
            log.Write<byte>(people.Carriers.AsSpan(first, count), default, Vocabulary.Carriers);
            log.Write<byte>(Of(user => people[user].Device), default, Vocabulary.Devices);
            log.Write<byte>(Of(user => people[user].First), default, Vocabulary.Categories);
            log.Write<byte>(Of(user => people[user].Second), default, Vocabulary.Categories);
            log.Write<byte>(Of(user => people[user].Third), default, Vocabulary.Categories);
        }, cancellation);

    public static Task WriteAdsAsync(IStore store, DateOnly start, DateOnly day, Ad[] ads, CancellationToken cancellation) =>
        WriteAsync(store, Key("logs/ads", day, 0), Ads, ads.Length, (log, first, count) =>
        {
            ReadOnlySpan<Ad> rows = ads.AsSpan(first, count);
            log.Write<int>(Select(rows, ad => ad.Id));
            log.Write<int>(Select(rows, ad => ad.Advertiser));
            log.Write<byte>(Select(rows, ad => ad.Category), default, Vocabulary.Categories);
            log.Write<byte>(Select(rows, ad => ad.Size), default, Vocabulary.Sizes);
            log.Write<double>(Select(rows, ad => ad.Bid));
            log.Write<long>(Select(rows, ad => (start.AddDays(ad.FirstDay).ToDateTime(default) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
        }, cancellation);

    private static async Task WriteAsync(IStore store, string key, Column[] columns, int rows, Action<ParquetLog, int, int> writeGroup, CancellationToken cancellation)
    {
        await using ObjectWriter writer = await store.CreateAsync(key, cancellation).ConfigureAwait(false);
        using (var log = new ParquetLog(writer.Stream, columns))
        {
            for (int first = 0; first < rows; first += DayPart.BatchRows)
            {
                log.BeginGroup();
                writeGroup(log, first, Math.Min(DayPart.BatchRows, rows - first));
                log.EndGroup();
            }

            log.Close();
        }

        await writer.CompleteAsync(cancellation).ConfigureAwait(false);
    }

    private static TValue[] Select<TRow, TValue>(ReadOnlySpan<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Length];
        for (int i = 0; i < values.Length; i++) values[i] = value(rows[i]);
        return values;
    }
}
