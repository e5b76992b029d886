using System.Globalization;
using System.Text.Json;
using Juoku.Learning.Evaluation;

namespace Juoku.App.Terminal;

/// <summary>Prints what an evaluation found.</summary>
internal static class EvaluationReport
{
    private const int MostGroups = 8;

    /// <summary>For people: one screen.</summary>
    public static void WriteText(EvaluationResult result, string? report, TextWriter output)
    {
        void Line(string name, FormattableString value) => output.WriteLine($"{name,-12}{value.ToString(CultureInfo.InvariantCulture)}");

        Line("model", $"{result.Model}  sha256:{result.ModelDigest} ({result.TreeCount} trees{(result.Calibration is { } calibration ? $", calibrated: {calibration}" : "")})");
        Line("data", $"{result.Set}, {result.From:yyyy-MM-dd}{(result.To == result.From ? "" : $" … {result.To:yyyy-MM-dd}")}");
        WriteMetrics(result, output);
        output.WriteLine();
        WriteBins("decile", result.Deciles.Select((bin, i) => ((i + 1).ToString(CultureInfo.InvariantCulture), bin)), output);
        foreach (Breakdown breakdown in result.Breakdowns.Where(breakdown => breakdown.ValueCount <= MostGroups))
        {
            output.WriteLine();
            WriteBins(breakdown.Name, breakdown.Groups.Select(group => (group.Value ?? "(none)", group.Bin)), output);
        }

        if (result.Drift is [var far, ..])
        {
            output.WriteLine();
            Line("drift", $"{far.Psi:F4} PSI of {far.Name} at most; {result.Drift.Count(drift => drift.Psi > 0.25)} of {result.Drift.Length} features above 0.25");
        }

        if (report is not null) Line("report", $"{report}");
    }

    /// <summary>The metrics, one a line.</summary>
    public static void WriteMetrics(EvaluationResult result, TextWriter output)
    {
        void Line(string name, FormattableString value) => output.WriteLine($"{name,-12}{value.ToString(CultureInfo.InvariantCulture)}");

        ProbabilityMetrics metrics = result.Metrics;
        Line("rows", $"{metrics.Rows:N0}, {metrics.ObservedRate:0.####%} clicked");
        if (metrics.Auc is { } auc) Line("AUC", $"{auc:F6}{Gap(result.Truth?.Auc, result.Truth?.ModelAuc)}");
        Line("log loss", $"{metrics.LogLoss:F6}{Gap(result.Truth?.LogLoss, result.Truth?.ModelLogLoss)}");
        if (metrics.NormalizedEntropy is { } entropy) Line("normalized", $"{entropy:F6} (log loss over that of the observed rate)");
        if (metrics.Calibration is { } calibration) Line("calibration", $"{calibration:F4} (mean prediction {metrics.MeanPrediction:G6}, observed {metrics.ObservedRate:G6})");
        Line("ECE", $"{metrics.Ece:G4}");
        if (metrics.AveragePrecision is { } precision) Line("precision", $"{precision:F6} on average over recall");
        if (result.Truth is { } truth) Line("truth", $"calibration {truth.Calibration:F4} against the true probabilities of {truth.Rows:N0} rows");
    }

    /// <summary>For machines: one JSON object.</summary>
    public static void WriteJson(EvaluationResult result, string? report)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Model);
            json.WriteString("model_sha256", result.ModelDigest);
            json.WriteString("set", result.Set);
            json.WriteString("from", Day(result.From));
            json.WriteString("to", Day(result.To));
            WriteMetrics(json, result);
            json.WriteStartArray("deciles");
            foreach (ReliabilityBin bin in result.Deciles) WriteBin(json, bin);
            json.WriteEndArray();
            json.WriteStartObject("breakdowns");
            foreach (Breakdown breakdown in result.Breakdowns)
            {
                json.WriteStartArray(breakdown.Name);
                foreach (BreakdownGroup group in breakdown.Groups) WriteBin(json, group.Bin, group.Value ?? "");
                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteStartObject("drift");
            foreach (FeatureDrift drift in result.Drift) json.WriteNumber(drift.Name, drift.Psi);
            json.WriteEndObject();
            if (report is not null) json.WriteString("report", report);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>The metrics as a member of an object.</summary>
    public static void WriteMetrics(Utf8JsonWriter json, EvaluationResult result)
    {
        json.WriteStartObject("metrics");
        foreach ((string name, double value) in result.Metrics.Named()) json.WriteNumber(name, value);
        json.WriteEndObject();
        if (result.Truth is not { } truth) return;
        json.WriteStartObject("truth");
        json.WriteNumber("rows", truth.Rows);
        if (truth is { Auc: { } auc, ModelAuc: { } modelAuc })
        {
            json.WriteNumber("auc", auc);
            json.WriteNumber("auc_gap", auc - modelAuc);
        }

        json.WriteNumber("log_loss", truth.LogLoss);
        json.WriteNumber("log_loss_gap", truth.ModelLogLoss - truth.LogLoss);
        json.WriteNumber("calibration", truth.Calibration);
        json.WriteEndObject();
    }

    /// <summary>2026-11-23.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void WriteBins(string name, IEnumerable<(string Name, ReliabilityBin Bin)> bins, TextWriter output)
    {
        output.WriteLine($"{name,-16}{"rows",14}{"predicted",12}{"observed",12}{"ratio",9}   95 % interval of the observed rate");
        foreach ((string value, ReliabilityBin bin) in bins)
        {
            string ratio = bin.Calibration?.ToString("F3", CultureInfo.InvariantCulture) ?? "–";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value,-16}{bin.Weight,14:N0}{bin.MeanPrediction,12:F6}{bin.Rate,12:F6}{ratio,9}   {bin.Low:F6} … {bin.High:F6}"));
        }
    }

    private static void WriteBin(Utf8JsonWriter json, ReliabilityBin bin, string? value = null)
    {
        json.WriteStartObject();
        if (value is not null) json.WriteString("value", value);
        json.WriteNumber("rows", bin.Weight);
        json.WriteNumber("predicted", bin.MeanPrediction);
        json.WriteNumber("observed", bin.Rate);
        json.WriteEndObject();
    }

    private static string Gap(double? best, double? model) => best is { } possible && model is { } reached
        ? string.Create(CultureInfo.InvariantCulture, $" (the truth's own {possible:F6}, {Math.Abs(reached - possible):F6} away)")
        : "";
}
