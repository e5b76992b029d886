using System.Globalization;
using System.Text.Json;
using Juoku.Learning.Registry;
using Juoku.Learning.Training;

namespace Juoku.App.Terminal;

/// <summary>Prints what a training made.</summary>
internal static class TrainingReport
{
    /// <summary>For people: one screen.</summary>
    public static void WriteText(TrainingResult result, TextWriter output)
    {
        void Line(string name, FormattableString value) => output.WriteLine($"{name,-12}{value.ToString(CultureInfo.InvariantCulture)}");

        ModelManifest manifest = result.Manifest;
        TrainingData data = manifest.Data!;
        Line("model", $"{manifest.Reference}  sha256:{manifest.Digest}");
        Line("trained on", $"{data.Rows:N0} rows of {data.Set}, {Days(data.From, data.To)}{(data.NegativeRate < 1 ? $", {data.NegativeRate:0.##%} of the rows without click" : "")}");
        Line("held out", $"{Days(data.ValidFrom, data.ValidTo)}; measured on {Days(result.Split.Judge[0].Date, result.Split.Judge[^1].Date)}");
        Line("boosting", $"{result.Boosting.Best.BestIteration} of {result.Boosting.Iterations} iterations kept, {result.Boosting.Best.Metric} {result.Boosting.Best.Best:F6}; {result.Boosting.Ending}");
        Line("calibrated", $"{result.Evaluation.Calibration ?? "no"} ({result.Recalibration.Reason})");
        if (manifest.Code is { } code) Line("code", $"{code.Commit ?? $"not in a git repository; juoku {manifest.Versions["juoku"]}"}{(code.Dirty ? " with changes beyond it" : "")}");
        if (manifest.Parent is { } parent) Line("parent", $"{parent}");
        Line("seconds", $"{result.Elapsed.TotalSeconds:F1}");
        EvaluationReport.WriteMetrics(result.Evaluation, output);
    }

    /// <summary>For machines: one JSON object.</summary>
    public static void WriteJson(TrainingResult result)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Manifest.Reference);
            json.WriteString("model_sha256", result.Manifest.Digest);
            json.WriteString("data_sha256", result.Manifest.Data!.Digest);
            json.WriteString("config_sha256", result.Manifest.ConfigDigest);
            json.WriteNumber("rows", result.Manifest.Data.Rows);
            json.WriteNumber("iterations", result.Boosting.Iterations);
            json.WriteNumber("best_iteration", result.Boosting.Best.BestIteration);
            json.WriteString("metric", result.Boosting.Best.Metric);
            json.WriteNumber("best", result.Boosting.Best.Best);
            json.WriteString("calibration", result.Evaluation.Calibration);
            json.WriteNumber("seconds", result.Elapsed.TotalSeconds);
            EvaluationReport.WriteMetrics(json, result.Evaluation);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static string Days(DateOnly from, DateOnly to) =>
        from == to ? EvaluationReport.Day(to) : $"{EvaluationReport.Day(from)} … {EvaluationReport.Day(to)}";
}
