using System.Globalization;
using System.Text;
using Juoku.Scaling.Simulation;

namespace Juoku.Scaling.Planning;

/// <summary>Draws the course of a run: the rows left above, workers and nodes below, the deadline through both; in light and dark.</summary>
public static class TimelineSvg
{
    private const double Width = 920, Left = 76, Right = 28;
    private const double UpperTop = 92, UpperBottom = 262, LowerTop = 312, LowerBottom = 442, Height = 488;

    private const string Style = """
        :root{--page:#fff;--ink:#1b2330;--soft:#5d6878;--faint:#e6e9ee;--accent:#2458d3;--second:#d9622b;--good:#17855a;--bad:#c2303f}
        @media(prefers-color-scheme:dark){:root{--page:#12161d;--ink:#e8ecf2;--soft:#9aa6b6;--faint:#2b3340;--accent:#7aa2ff;--second:#ff9a62;--good:#54c795;--bad:#ff7d88}}
        text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--soft);font-variant-numeric:tabular-nums}
        .title{font-size:18px;font-weight:650;fill:var(--ink)}.note{font-size:13px}.name{font-weight:600;fill:var(--ink)}
        .page{fill:var(--page)}.grid{stroke:var(--faint)}.axis{stroke:var(--soft)}
        .rows{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}.rows-area{fill:var(--accent);opacity:.12}
        .wanted{fill:none;stroke:var(--soft);stroke-width:1.6;stroke-dasharray:3 3}.ready{fill:none;stroke:var(--good);stroke-width:2.2}
        .nodes{fill:none;stroke:var(--second);stroke-width:2.2}.deadline{stroke:var(--bad);stroke-width:1.6;stroke-dasharray:6 4}.late{fill:var(--bad)}
        """;

    /// <summary>Draws.</summary>
    /// <param name="title">What the run is.</param>
    /// <param name="note">What it takes.</param>
    /// <param name="points">The course.</param>
    /// <param name="deadline">Seconds from the start; null for none.</param>
    public static string Draw(string title, string note, IReadOnlyList<TimelinePoint> points, double? deadline)
    {
        double end = Math.Max(60, Math.Max(points.Count == 0 ? 0 : points[^1].Seconds, deadline ?? 0)) * 1.03;
        double rows = Math.Max(1, points.Select(point => point.RowsLeft).DefaultIfEmpty(0).Max());
        double workers = Math.Max(1, points.Select(point => Math.Max(point.Wanted, Math.Max(point.Ready, point.Nodes))).DefaultIfEmpty(0).Max());
        double rowStep = Step(rows / 4), workerStep = Math.Max(1, Step(workers / 4));
        double rowTop = Math.Ceiling(rows / rowStep) * rowStep, workerTop = Math.Ceiling(workers / workerStep) * workerStep;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape(title)}: {Escape(note)}\">\n<style>{Style}</style>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"page\" width=\"{Width}\" height=\"{Height}\" rx=\"12\"/>\n");
        Text(svg, 24, 34, "title", "start", title);
        Text(svg, 24, 56, "note", "start", note);
        Panel(svg, "rows left", UpperTop, UpperBottom, rowTop, rowStep, end);
        Panel(svg, "workers and nodes", LowerTop, LowerBottom, workerTop, workerStep, end);
        Legend(svg);

        string line = Path(points, end, UpperTop, UpperBottom, rowTop, point => point.RowsLeft, steps: false);
        if (points.Count > 0)
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"rows-area\" d=\"{line}V{UpperBottom}H{X(points[0].Seconds, end):0.#}Z\"/>\n");
        Curve(svg, "rows", line);
        Curve(svg, "wanted", Path(points, end, LowerTop, LowerBottom, workerTop, point => point.Wanted, steps: true));
        Curve(svg, "ready", Path(points, end, LowerTop, LowerBottom, workerTop, point => point.Ready, steps: true));
        Curve(svg, "nodes", Path(points, end, LowerTop, LowerBottom, workerTop, point => point.Nodes, steps: true));
        double timeStep = TimeStep(end / 7);
        for (double at = 0; at <= end; at += timeStep) Text(svg, X(at, end), LowerBottom + 20, "", "middle", TimeText(at));
        if (deadline is { } by)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"deadline\" x1=\"{X(by, end):0.#}\" x2=\"{X(by, end):0.#}\" y1=\"{UpperTop}\" y2=\"{LowerBottom}\"/>\n");
            Text(svg, X(by, end) - 6, UpperTop + 12, "late", "end", "deadline");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, string name, double top, double bottom, double most, double step, double end)
    {
        Text(svg, Left, top - 10, "name", "start", name);
        for (int i = 0; i * step <= most + step / 2; i++)
        {
            double y = bottom - (bottom - top) * i * step / most;
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{(i == 0 ? "axis" : "grid")}\" x1=\"{Left}\" x2=\"{X(end, end):0.#}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>\n");
            Text(svg, Left - 8, y + 4, "", "end", Number(i * step));
        }
    }

    private static void Legend(StringBuilder svg)
    {
        double x = Left + 150;
        foreach ((string style, string name, double width) in (ReadOnlySpan<(string, string, double)>)[("wanted", "wanted", 86), ("ready", "ready", 78), ("nodes", "nodes", 80)])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"M{x:0.#} {LowerTop - 14}h24\"/>\n");
            Text(svg, x + 30, LowerTop - 10, "", "start", name);
            x += width;
        }
    }

    private static string Path(IReadOnlyList<TimelinePoint> points, double end, double top, double bottom, double most, Func<TimelinePoint, double> value, bool steps)
    {
        // A few hundred points are all that can be seen.
        int stride = Math.Max(1, points.Count / 360);
        var path = new StringBuilder();
        double last = double.NaN;
        for (int i = 0; i < points.Count; i++)
        {
            double now = value(points[i]);
            bool isLast = i == points.Count - 1;
            if (steps ? now == last && !isLast : i % stride != 0 && !isLast) continue;
            string x = X(points[i].Seconds, end).ToString("0.#", CultureInfo.InvariantCulture);
            string y = (bottom - (bottom - top) * now / most).ToString("0.#", CultureInfo.InvariantCulture);
            path.Append(path.Length == 0 ? $"M{x} {y}" : steps ? $"H{x}V{y}" : $"L{x} {y}");
            last = now;
        }

        return path.ToString();
    }

    private static void Curve(StringBuilder svg, string style, string path) => svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"{path}\"/>\n");

    private static void Text(StringBuilder svg, double x, double y, string style, string anchor, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\"{(style.Length == 0 ? "" : $" class=\"{style}\"")} text-anchor=\"{anchor}\">{Escape(text)}</text>\n");

    private static double X(double seconds, double end) => Left + (Width - Left - Right) * seconds / end;

    /// <summary>The next of 1, 2, 5, 10, 20 …</summary>
    private static double Step(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(least, 1e-9))));
        return least <= power ? power : least <= 2 * power ? 2 * power : least <= 5 * power ? 5 * power : 10 * power;
    }

    private static double TimeStep(double least)
    {
        foreach (double step in (ReadOnlySpan<double>)[10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200])
            if (step >= least) return step;
        return Math.Ceiling(least / 86400) * 86400;
    }

    private static string TimeText(double seconds) => seconds == 0 ? "0"
        : seconds < 60 || seconds % 60 != 0 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : seconds < 7200 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min") : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.#} h");

    private static string Number(double value) => value switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.##} bn"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##} m"),
        _ => value.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;");
}
