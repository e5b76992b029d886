using System.Globalization;
using System.Text;
using Juoku.Learning.Evaluation;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Reports;

/// <summary>
/// An evaluation as one HTML file: style and drawings are inside it and nothing is loaded from anywhere, so that it can be kept with the model,
/// mailed, and opened offline years later.
/// </summary>
public static class ReportPage
{
    /// <summary>The page.</summary>
    public static string Of(EvaluationResult result)
    {
        var page = new StringBuilder();
        string days = result.From == result.To ? Day(result.To) : $"{Day(result.From)} – {Day(result.To)}";
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
            .Append(CultureInfo.InvariantCulture, $"<title>{Svg.Escape(result.Model)} on {Svg.Escape(result.Set)}, {days}</title><style>\n{ReportStyle.Css}\n</style></head><body><main>")
            .Append(CultureInfo.InvariantCulture, $"<header><h1>{Svg.Escape(result.Model)}</h1><p>{result.Metrics.Rows:N0} rows of <b>{Svg.Escape(result.Set)}</b>, {days}; {result.Metrics.ObservedRate:P2} clicked</p></header>");
        Tiles(page, result);
        page.Append("<div class=\"grid\">");
        Card(page, "Where it comes from", null, Lineage(result), wide: true);
        Card(page, "Reliability", "Rows of like predictions: are as many clicked as predicted?", Charts.Reliability(result.Reliability));
        Card(page, "Distribution of predictions", "A good model moves clicked rows to the right.", Charts.Histogram(result.Histogram));
        Card(page, "ROC", "How well clicked rows are ranked above the others.", Charts.Roc(result));
        Card(page, "Precision and recall", "How pure the top of the ranking is.", Charts.PrecisionRecall(result));
        Card(page, "Cumulative gain", "Clicks found among the rows with the highest predictions.", Charts.Gain(result));
        Card(page, "Calibration by decile", "Mean prediction over observed rate; 1 is right.", ReportTables.Deciles(result.Deciles));
        foreach (Breakdown breakdown in result.Breakdowns)
        {
            string note = breakdown.ValueCount > breakdown.Groups.Length
                ? string.Create(CultureInfo.InvariantCulture, $"The {breakdown.Groups.Length} weightiest of {breakdown.ValueCount:N0} values.")
                : "Mean prediction over observed rate, with the observed rate's 95 % interval.";
            Card(page, $"Calibration by {breakdown.Name}", note, ReportTables.Breakdown(breakdown));
        }

        if (result.Days.Length > 1) Card(page, "Day by day", null, ReportTables.Days(result.Days));
        Card(page, "Importance", "Gain of the splits that use a feature.", ReportTables.Importance(result.Importance));
        Card(page, "Drift since training", result.Drift.IsEmpty ? null : "Population stability index between the training days and these; above 0.25 a feature has moved far.", ReportTables.Drift(result.Drift));
        page.Append("</div><footer>Written by Juoku. Rows count by their weights; log loss in nats; bands and intervals are 95 % (Wilson).</footer></main></body></html>\n");
        return page.ToString();
    }

    private static void Tiles(StringBuilder page, EvaluationResult result)
    {
        ProbabilityMetrics metrics = result.Metrics;
        page.Append("<div class=\"tiles\">");
        Tile("AUC", Number(metrics.Auc, "F4"), result.Truth is { Auc: { } best } ? string.Create(CultureInfo.InvariantCulture, $"{best:F4} is possible") : "1 ranks perfectly");
        Tile("log loss", Number(metrics.LogLoss, "F5"), result.Truth is { } truth ? string.Create(CultureInfo.InvariantCulture, $"{truth.LogLoss:F5} is possible") : "lower is better");
        Tile("normalised entropy", Number(metrics.NormalizedEntropy, "F4"), "below 1 beats the mean rate");
        Tile("calibration", Number(metrics.Calibration, "F4"), "predicted over observed", Verdict(metrics.Calibration));
        Tile("ECE", Axis.Percent(metrics.Ece), "mean miss of a bin");
        Tile("average precision", Number(metrics.AveragePrecision, "F4"), string.Create(CultureInfo.InvariantCulture, $"{metrics.ObservedRate:F4} by chance"));
        page.Append("</div>");

        void Tile(string name, string value, string note, string style = "") =>
            page.Append(CultureInfo.InvariantCulture, $"<div class=\"tile\"><span>{name}</span><b class=\"{style}\">{value}</b><small>{note}</small></div>");
    }

    private static string Lineage(EvaluationResult result)
    {
        var list = new StringBuilder("<dl>");
        Entry("model", $"<code>sha256:{result.ModelDigest}</code>, {result.TreeCount.ToString("N0", CultureInfo.InvariantCulture)} trees{(result.Calibration is { } calibration ? $", calibrated: {Svg.Escape(calibration)}" : "")}");
        if (result.Manifest is { } manifest)
        {
            if (manifest.Data is { } data)
            {
                Entry("trained on", Svg.Escape(string.Create(
                    CultureInfo.InvariantCulture, $"{data.Rows:N0} rows of {data.Set}, {Day(data.From)} – {Day(data.To)}, held out {Day(data.ValidFrom)} – {Day(data.ValidTo)}{(data.NegativeRate < 1 ? $", {data.NegativeRate:P0} of the rows without click kept" : "")}")));
                Entry("data", $"<code>sha256:{data.Digest}</code> in {Svg.Escape(data.Store)}");
            }

            if (manifest.Code is { } code) Entry("code", Code(code));
            if (manifest.ConfigDigest is { } config) Entry("configuration", $"<code>sha256:{config}</code>");
            if (manifest.Parent is { } parent) Entry("parent", Svg.Escape(parent));
            if (!manifest.Versions.IsEmpty) Entry("software", Svg.Escape(string.Join(", ", manifest.Versions.Select(version => $"{version.Key} {version.Value}"))));
            if (!manifest.Parameters.IsEmpty) Entry("parameters", $"<code>{Svg.Escape(string.Join(' ', manifest.Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}")))}</code>");
        }

        return list.Append("</dl>").ToString();

        void Entry(string name, string html) => list.Append("<dt>").Append(name).Append("</dt><dd>").Append(html).Append("</dd>");
    }

    private static string Code(CodeSource code) => code.Commit is null
        ? "not in a git repository"
        : $"<code>{Svg.Escape(code.Commit)}</code>{(code.Dirty ? " <span class=\"warn\">with changes beyond it</span>" : "")}{(code.Repository is { } repository ? $" of <code>{Svg.Escape(repository)}</code>" : "")}";

    private static void Card(StringBuilder page, string title, string? note, string html, bool wide = false) =>
        page.Append(CultureInfo.InvariantCulture, $"<section class=\"card{(wide ? " wide" : "")}\"><h2>{Svg.Escape(title)}</h2>{(note is null ? "" : $"<p class=\"note\">{Svg.Escape(note)}</p>")}{html}</section>\n");

    private static string Verdict(double? calibration) => calibration is not { } value ? "" : Math.Abs(value - 1) <= 0.02 ? "ok" : Math.Abs(value - 1) <= 0.1 ? "warn" : "bad";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
