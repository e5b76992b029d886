using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Juoku.Learning.Evaluation;

namespace Juoku.Learning.Reports;

/// <summary>The tables of a report: a bar in a row says at a glance what its number says exactly.</summary>
internal static class ReportTables
{
    private const int Most = 20;

    public static string Deciles(ImmutableArray<ReliabilityBin> bins)
    {
        var table = new Table("decile", "rows", "predicted", "observed", "ratio", "");
        for (int i = 0; i < bins.Length; i++) Calibration(table, (i + 1).ToString(CultureInfo.InvariantCulture), bins[i]);
        return table.ToString();
    }

    public static string Breakdown(Breakdown breakdown)
    {
        var table = new Table(breakdown.Name, "rows", "predicted", "observed", "ratio", "");
        foreach (BreakdownGroup group in breakdown.Groups) Calibration(table, group.Value ?? "(none)", group.Bin);
        return table.ToString();
    }

    public static string Days(ImmutableArray<DayMetrics> days)
    {
        var table = new Table("day", "rows", "AUC", "log loss", "NE", "calibration");
        foreach ((DateOnly day, ProbabilityMetrics metrics) in days)
        {
            table.Row(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), metrics.Rows.ToString("N0", CultureInfo.InvariantCulture),
                Number(metrics.Auc, "F4"), Number(metrics.LogLoss, "F5"), Number(metrics.NormalizedEntropy, "F4"), Number(metrics.Calibration, "F3"));
        }

        return table.ToString();
    }

    public static string Importance(ImmutableArray<FeatureImportance> features)
    {
        double most = features.IsEmpty ? 0 : features[0].Gain, all = features.Sum(feature => feature.Gain);
        return Folded(["feature", "splits", "gain", ""], features, (table, feature) => table.Row(
            feature.Name, feature.Splits.ToString("N0", CultureInfo.InvariantCulture), Axis.Percent(all > 0 ? feature.Gain / all : 0), Table.Meter(most > 0 ? feature.Gain / most : 0)));
    }

    public static string Drift(ImmutableArray<FeatureDrift> drift)
    {
        if (drift.IsEmpty) return "<p class=\"note\">Training left no profile of this model's features.</p>";
        // One feature that moved beyond all measure must not make the others look still.
        double most = Math.Clamp(drift[0].Psi, 0.25, 1);
        return Folded(["feature", "missing then", "now", "PSI", ""], drift, (table, feature) => table.Row(
            feature.Name, Axis.Percent(feature.MissingThen), Axis.Percent(feature.MissingNow), feature.Psi.ToString("F4", CultureInfo.InvariantCulture),
            Table.Meter(feature.Psi / most, feature.Psi < 0.1 ? "ok" : feature.Psi < 0.25 ? "warn" : "bad")));
    }

    private static void Calibration(Table table, string name, ReliabilityBin bin)
    {
        // Outside its interval a group is off by more than chance explains.
        bool isOff = bin.MeanPrediction < bin.Low || bin.MeanPrediction > bin.High;
        string style = !isOff ? "ok" : bin.Calibration is > 0.8 and < 1.25 ? "warn" : "bad";
        table.Row(name, bin.Weight.ToString("N0", CultureInfo.InvariantCulture), Axis.Percent(bin.MeanPrediction), $"<span title=\"{Axis.Percent(bin.Low)} – {Axis.Percent(bin.High)}\">{Axis.Percent(bin.Rate)}</span>",
            Number(bin.Calibration, "F3"), Table.Around(bin.Calibration, style));
    }

    /// <summary>A table whose further rows are folded away.</summary>
    private static string Folded<T>(string[] heads, ImmutableArray<T> rows, Action<Table, T> write)
    {
        var table = new Table(heads);
        foreach (T row in rows.Take(Most)) write(table, row);
        if (rows.Length <= Most) return table.ToString();
        var rest = new Table(heads);
        foreach (T row in rows.Skip(Most)) write(rest, row);
        return string.Create(CultureInfo.InvariantCulture, $"{table}<details><summary>{rows.Length - Most} more</summary>{rest}</details>");
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private sealed class Table
    {
        private readonly StringBuilder _html = new("<div class=\"scroll\"><table><tr>");

        public Table(params string[] heads)
        {
            foreach (string head in heads) _html.Append("<th>").Append(Svg.Escape(head)).Append("</th>");
            _html.Append("</tr>");
        }

        /// <summary>A bar from the left, full at 1.</summary>
        public static string Meter(double share, string style = "") =>
            string.Create(CultureInfo.InvariantCulture, $"<td class=\"meter {style}\"><i style=\"width:{Math.Clamp(share, 0, 1) * 100:F1}%\"></i></td>");

        /// <summary>A bar from the middle: to the left where too little was predicted, to the right where too much; the ends are half and double.</summary>
        public static string Around(double? ratio, string style)
        {
            if (ratio is not > 0) return "<td class=\"meter\"></td>";
            double reach = Math.Clamp(Math.Log2(ratio.Value), -1, 1) * 50;
            return string.Create(CultureInfo.InvariantCulture, $"<td class=\"meter {style}\"><div class=\"around\"><i style=\"left:{Math.Min(50, 50 + reach):F1}%;width:{Math.Abs(reach):F1}%\"></i></div></td>");
        }

        /// <summary>A row: a name, as text; then cells, numbers or ready HTML.</summary>
        public void Row(string name, params ReadOnlySpan<string> cells)
        {
            _html.Append("<tr><td title=\"").Append(Svg.Escape(name)).Append("\">").Append(Svg.Escape(name)).Append("</td>");
            foreach (string cell in cells) _html.Append(cell.StartsWith("<td", StringComparison.Ordinal) ? cell : $"<td>{cell}</td>");
            _html.Append("</tr>");
        }

        public override string ToString() => $"{_html}</table></div>";
    }
}
