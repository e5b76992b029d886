using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Juoku.Learning.Features;

namespace Juoku.App.Terminal;

/// <summary>Prints which days of features were made.</summary>
internal static class FeaturesReport
{
    /// <summary>For people: one line a day, one for each kind of reject, and one for days passed over.</summary>
    public static void WriteText(FeatureSummary summary, TextWriter output)
    {
        void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

        if (summary.Passed is { } passed)
        {
            if (passed.WithoutLogs.Length > 0) Line($"{summary.Set} {FeatureDays.Ranges(passed.WithoutLogs)}  left out, no logs");
            if (passed.There.Length > 0) Line($"{summary.Set} {FeatureDays.Ranges(passed.There)}  there already");
        }

        foreach (FeatureDaySummary day in summary.Days)
        {
            FeatureManifest made = day.Manifest;
            string clicks = made.Clicks is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count:N0} clicked") : "";
            string again = made.Duplicates == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {made.Duplicates:N0} repeated rows left out");
            Line($"{made.Set} {made.Day:yyyy-MM-dd}  {made.Rows:N0} rows in {made.Files.Length} file{(made.Files.Length == 1 ? "" : "s")}{clicks}{again}, {day.Seconds:F2} s");
            foreach ((string reason, long rows) in made.Rejects) Line($"  set aside: {reason}  {rows:N0}");
        }

        if (summary.Days.IsEmpty) Line($"nothing to build");
        else Line($"{summary.Rows:N0} rows, {summary.Seconds:F2} s, {Rate(summary):N0} rows/s");
    }

    /// <summary>For machines: one JSON object.</summary>
    public static void WriteJson(FeatureSummary summary)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("rows", summary.Rows);
            json.WriteNumber("seconds", summary.Seconds);
            json.WriteNumber("rows_per_s", Rate(summary));
            json.WriteStartArray("days");
            foreach (FeatureDaySummary day in summary.Days) WriteDay(json, day);
            json.WriteEndArray();
            if (summary.Passed is { } passed)
            {
                WriteDays(json, "already_there", passed.There);
                WriteDays(json, "without_logs", passed.WithoutLogs);
            }

            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static void WriteDays(Utf8JsonWriter json, string name, ImmutableArray<DateOnly> days)
    {
        json.WriteStartArray(name);
        foreach (DateOnly day in days) json.WriteStringValue(Iso(day));
        json.WriteEndArray();
    }

    private static void WriteDay(Utf8JsonWriter json, FeatureDaySummary day)
    {
        FeatureManifest made = day.Manifest;
        json.WriteStartObject();
        json.WriteString("set", made.Set);
        json.WriteString("day", Iso(made.Day));
        json.WriteNumber("rows", made.Rows);
        if (made.Clicks is { } clicks) json.WriteNumber("clicks", clicks);
        json.WriteNumber("log_rows", day.LogRows);
        json.WriteNumber("duplicates", made.Duplicates);
        json.WriteStartObject("rejects");
        foreach ((string reason, long rows) in made.Rejects) json.WriteNumber(reason, rows);
        json.WriteEndObject();
        json.WriteBoolean("labels_final", !day.ClicksMissing);
        json.WriteNumber("files", made.Files.Length);
        json.WriteNumber("seconds", day.Seconds);
        json.WriteEndObject();
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static double Rate(FeatureSummary summary) => Math.Round(summary.Rows / Math.Max(1e-9, summary.Seconds));
}
