using System.Collections.Immutable;

namespace Juoku.Learning.Evaluation;

/// <summary>Rows of like predictions, and how many of them were clicked.</summary>
/// <param name="Weight">Their weight.</param>
/// <param name="MeanPrediction">Mean prediction.</param>
/// <param name="Rate">Observed rate.</param>
/// <param name="Low">Lower end of the 95 % confidence interval of the rate (Wilson, 1927), by the effective number of rows.</param>
/// <param name="High">Its upper end.</param>
public sealed record ReliabilityBin(double Weight, double MeanPrediction, double Rate, double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>Mean prediction over observed rate; null without clicks.</summary>
    public double? Calibration => Rate > 0 ? MeanPrediction / Rate : null;

    /// <summary>Cuts ranked rows into bins of about equal weight, from low predictions to high; rows of equal score stay together.</summary>
    public static ImmutableArray<ReliabilityBin> Cut(Ranking ranking, int count)
    {
        double total = ranking.Clicks + ranking.Others;
        var bins = new List<ReliabilityBin>();
        int start = 0;
        double predicted = 0;
        for (int step = 0; step < ranking.StepCount; step++)
        {
            double to = ranking.ClicksTo(step) + ranking.OthersTo(step);
            predicted += ranking.Score(step) * (to - ranking.ClicksTo(step - 1) - ranking.OthersTo(step - 1));
            bool isLast = step == ranking.StepCount - 1;
            if (!isLast && to < total * (bins.Count + 1) / count) continue;

            double clicks = ranking.ClicksTo(step) - ranking.ClicksTo(start - 1);
            double weight = to - ranking.ClicksTo(start - 1) - ranking.OthersTo(start - 1);
            double squares = ranking.SquaresTo(step) - ranking.SquaresTo(start - 1);
            bins.Add(Of(weight, predicted, clicks, squares));
            (start, predicted) = (step + 1, 0);
        }

        bins.Reverse();
        return [.. bins];
    }

    /// <summary>A bin from sums over its rows: weights, weights × predictions, weights × labels, squared weights.</summary>
    public static ReliabilityBin Of(double weight, double predicted, double clicks, double squares)
    {
        double rate = Math.Clamp(clicks / weight, 0, 1);
        double n = weight * weight / squares;
        double middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n);
        double half = Z / (1 + Z * Z / n) * Math.Sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n));
        return new ReliabilityBin(weight, predicted / weight, rate, Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
