using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Juoku.App.Demo;

/// <summary>What a demo comes to, from what its commands printed.</summary>
/// <param name="run">The run, as <c>run wait --json</c> tells it.</param>
/// <param name="evaluation">The next day's evaluation, as <c>evaluate --json</c> tells it.</param>
/// <param name="store">The store.</param>
/// <param name="report">The report.</param>
/// <param name="elapsed">Time from the first command to the last.</param>
internal sealed class DemoResult(JsonElement run, JsonElement evaluation, string store, string report, TimeSpan elapsed)
{
    private long Rows => run.GetProperty("rows").GetInt64();

    private double RowsPerSecond => run.GetProperty("rows_per_second").GetDouble();

    private string State => run.GetProperty("state").GetString()!;

    private string Predictions => run.GetProperty("output").GetString()!;

    private double Auc => evaluation.GetProperty("metrics").GetProperty("auc").GetDouble();

    private double? TruthAuc => evaluation.TryGetProperty("truth", out JsonElement truth) && truth.TryGetProperty("auc", out JsonElement auc) ? auc.GetDouble() : null;

    private double Calibration => evaluation.GetProperty("metrics").GetProperty("calibration").GetDouble();

    /// <summary>For people: one fact a line.</summary>
    public string ToText()
    {
        var text = new StringBuilder().AppendLine();
        void Line(string name, FormattableString value) => text.AppendLine($"{name,-12}{value.ToString(CultureInfo.InvariantCulture)}");

        Line("rows", $"{Rows:N0} predicted, {State}");
        Line("rows/s", $"{RowsPerSecond:N0} from submission to publication, the start of the workers included");
        Line("AUC", $"{Auc:F4} on the day after training{(TruthAuc is { } best ? string.Create(CultureInfo.InvariantCulture, $"; the true probabilities have {best:F4}") : "")}");
        Line("calibration", $"{Calibration:F3}");
        Line("predictions", $"{Predictions}");
        Line("report", $"{report}");
        Line("seconds", $"{elapsed.TotalSeconds:F0} in all");
        Line("look around", $"juoku models show ctr@champion --store {store}; juoku run list --store {store}");
        return text.ToString();
    }

    /// <summary>For machines: one JSON object.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("run", run.GetProperty("run").GetString());
            json.WriteString("state", State);
            json.WriteNumber("rows", Rows);
            json.WriteNumber("rows_per_s", Math.Round(RowsPerSecond, 1));
            json.WriteNumber("auc", Auc);
            if (TruthAuc is { } best) json.WriteNumber("truth_auc", best);
            json.WriteNumber("calibration", Calibration);
            json.WriteString("predictions", Predictions);
            json.WriteString("report", report);
            json.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 1));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
