using System.Globalization;
using System.Text.Json;
using Juoku.Batch.Predicting;

namespace Juoku.App.Terminal;

/// <summary>Prints what a prediction did.</summary>
internal static class PredictionReport
{
    /// <summary>For people: one fact a line.</summary>
    public static void WriteText(PredictionSummary summary, TextWriter output)
    {
        void Line(string name, FormattableString value) => output.WriteLine($"{name,-12}{value.ToString(CultureInfo.InvariantCulture)}");

        Line("rows", $"{summary.Rows:N0}");
        Line("seconds", $"{summary.Elapsed.TotalSeconds:F3}");
        Line("rows/s", $"{RowsPerSecond(summary):N0}");
        Line("model", $"sha256:{summary.ModelDigest} ({summary.TreeCount} trees)");
        Line("output", $"{(summary.Outputs.Count == 1 ? summary.Outputs[0] : $"{summary.Outputs.Count} files")}");
        if (summary.Labels is not { } labels) return;

        Line("labelled", $"{labels.LabelledRows:N0} rows");
        if (labels.Auc is { } auc) Line("AUC", $"{auc:F6}{(labels.AucError > 0 ? string.Create(CultureInfo.InvariantCulture, $" (within {labels.AucError:E1})") : "")}");
        if (labels.LogLoss is { } loss) Line("log loss", $"{loss:F6}");
        if (labels.NormalizedEntropy is { } entropy) Line("normalized", $"{entropy:F4} (log loss over that of the observed rate)");
        if (labels.Calibration is { } calibration) Line("calibration", $"{calibration:F4} (mean prediction {labels.MeanPrediction:G6}, observed {labels.ObservedRate:G6})");
    }

    /// <summary>For machines: one JSON object.</summary>
    public static void WriteJson(PredictionSummary summary)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("rows", summary.Rows);
            json.WriteNumber("seconds", summary.Elapsed.TotalSeconds);
            json.WriteNumber("rows_per_s", RowsPerSecond(summary));
            json.WriteString("model_sha256", summary.ModelDigest);
            json.WriteNumber("trees", summary.TreeCount);
            json.WriteStartArray("outputs");
            foreach (string file in summary.Outputs) json.WriteStringValue(file);
            json.WriteEndArray();
            if (summary.Labels is { } labels) WriteLabels(json, labels);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static void WriteLabels(Utf8JsonWriter json, LabelScores labels)
    {
        json.WriteStartObject("labels");
        json.WriteNumber("rows", labels.LabelledRows);
        Write("auc", labels.Auc);
        Write("auc_error", labels.Auc is null ? null : labels.AucError);
        Write("log_loss", labels.LogLoss);
        Write("normalized_entropy", labels.NormalizedEntropy);
        Write("calibration", labels.Calibration);
        Write("mean_prediction", labels.MeanPrediction);
        Write("observed_rate", labels.ObservedRate);
        json.WriteEndObject();

        void Write(string name, double? value)
        {
            if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, number);
            else json.WriteNull(name);
        }
    }

    private static double RowsPerSecond(PredictionSummary summary) => Math.Round(summary.Rows / Math.Max(1e-9, summary.Elapsed.TotalSeconds));
}
