using System.Collections.Immutable;
using System.Globalization;
using Juoku.Learning.Evaluation;

namespace Juoku.Learning.Reports;

/// <summary>The drawings of a report.</summary>
internal static class Charts
{
    /// <summary>Predicted against observed, with 95 % intervals; in logarithms where predictions span more than one order.</summary>
    public static string Reliability(ImmutableArray<ReliabilityBin> bins)
    {
        double low = bins.Min(bin => bin.MeanPrediction), high = Math.Max(bins.Max(bin => bin.MeanPrediction), bins.Max(bin => bin.High));
        bool isWide = low > 0 && bins.Max(bin => bin.MeanPrediction) / low > 12;
        double from = isWide ? Math.Max(low, 1e-6) * 0.7 : 0, to = Math.Min(1, high * 1.1);
        Axis Make(string title) => isWide ? Axis.Logarithmic(from, to, title) : Axis.Linear(to, title);
        var plot = new Plot("Reliability diagram", Make("predicted"), Make("observed"));
        if (bins.Length > 1) plot.Band("band", [.. bins.Select(bin => (bin.MeanPrediction, bin.Low, bin.High))]);
        plot.Line("ideal", (from, from), (to, to));
        plot.Line("curve", bins.Select(bin => (bin.MeanPrediction, bin.Rate)));
        foreach (ReliabilityBin bin in bins)
        {
            plot.Whisker("whisker", bin.MeanPrediction, bin.Low, bin.High);
            plot.Dot("dot", bin.MeanPrediction, bin.Rate, string.Create(CultureInfo.InvariantCulture, $"predicted {Axis.Percent(bin.MeanPrediction)}, observed {Axis.Percent(bin.Rate)} ({Axis.Percent(bin.Low)} – {Axis.Percent(bin.High)}), {bin.Weight:N0} rows"));
        }

        plot.Legend(atBottom: true, ("curve", "observed, 95 % band"), ("ideal", "perfect"));
        return plot.ToString();
    }

    /// <summary>False positives against true positives.</summary>
    public static string Roc(EvaluationResult result)
    {
        var plot = new Plot("ROC curve", Axis.Linear(1, "false-positive rate"), Axis.Linear(1, "true-positive rate"));
        Area(plot, result.Curves.Roc);
        plot.Line("ideal", (0, 0), (1, 1));
        plot.Line("curve", Points(result.Curves.Roc));
        plot.Legend(atBottom: true, ("curve", string.Create(CultureInfo.InvariantCulture, $"AUC {result.Metrics.Auc:F4}")), ("ideal", "chance"));
        return plot.ToString();
    }

    /// <summary>Recall against precision.</summary>
    public static string PrecisionRecall(EvaluationResult result)
    {
        ImmutableArray<CurvePoint> points = result.Curves.PrecisionRecall;
        double most = points.IsEmpty ? 1 : points.Max(point => point.Y);
        var plot = new Plot("Precision against recall", Axis.Linear(1, "recall"), Axis.Linear(most, "precision"));
        Area(plot, points);
        plot.Line("ideal", (0, result.Metrics.ObservedRate), (1, result.Metrics.ObservedRate));
        plot.Line("curve", Points(points));
        plot.Legend(atBottom: false, ("curve", string.Create(CultureInfo.InvariantCulture, $"average precision {result.Metrics.AveragePrecision:F4}")), ("ideal", "chance: the observed rate"));
        return plot.ToString();
    }

    /// <summary>Share of rows, best first, against share of clicks.</summary>
    public static string Gain(EvaluationResult result)
    {
        ImmutableArray<CurvePoint> points = result.Curves.Gain;
        var plot = new Plot("Cumulative gain", Axis.Linear(1, "impressions, highest predictions first"), Axis.Linear(1, "clicks found"));
        Area(plot, points);
        plot.Line("ideal", (0, 0), (1, 1));
        plot.Line("curve", Points(points));
        double tenth = points.IsEmpty ? 0 : At(points, 0.1);
        plot.Legend(atBottom: true, ("curve", $"top 10 %: {Axis.Percent(tenth)}"), ("ideal", "chance"));
        return plot.ToString();
    }

    /// <summary>Predictions of clicked rows and of the others.</summary>
    public static string Histogram(ScoreHistogram histogram)
    {
        double most = histogram.Clicked.Concat(histogram.Others).Max();
        var plot = new Plot("Distribution of predictions", Axis.Logarithmic(histogram.Edges[0], histogram.Edges[^1], "prediction"), Axis.Linear(most, "share of rows"));
        for (int i = 0; i < histogram.Others.Length; i++)
            if (histogram.Others[i] > 0) plot.Bar("bar others", histogram.Edges[i], histogram.Edges[i + 1], histogram.Others[i], $"{Axis.Percent(histogram.Others[i])} of the rows without click");
        for (int i = 0; i < histogram.Clicked.Length; i++)
            if (histogram.Clicked[i] > 0) plot.Bar("bar clicked", histogram.Edges[i], histogram.Edges[i + 1], histogram.Clicked[i], $"{Axis.Percent(histogram.Clicked[i])} of the clicked rows");
        plot.Legend(atBottom: false, ("key clicked", "clicked"), ("key others", "not clicked"));
        return plot.ToString();
    }

    private static void Area(Plot plot, ImmutableArray<CurvePoint> points)
    {
        if (points.Length > 1) plot.Band("area", [.. points.Select(point => (point.X, 0.0, point.Y))]);
    }

    private static IEnumerable<(double, double)> Points(ImmutableArray<CurvePoint> points) => points.Select(point => (point.X, point.Y));

    private static double At(ImmutableArray<CurvePoint> points, double x)
    {
        int after = Math.Max(1, points.TakeWhile(point => point.X < x).Count());
        if (after >= points.Length) return points[^1].Y;
        (CurvePoint a, CurvePoint b) = (points[after - 1], points[after]);
        return b.X > a.X ? a.Y + (b.Y - a.Y) * (x - a.X) / (b.X - a.X) : b.Y;
    }
}
