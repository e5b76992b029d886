using System.Collections.Immutable;

namespace Juoku.Learning.Evaluation;

/// <summary>How predictions are distributed over bins that are even in the logarithm of the prediction.</summary>
/// <param name="Edges">Ends of the bins, ascending: one more than bins.</param>
/// <param name="Clicked">Share of the clicked rows that each bin holds.</param>
/// <param name="Others">Share of the other rows that each bin holds.</param>
public sealed record ScoreHistogram(ImmutableArray<double> Edges, ImmutableArray<double> Clicked, ImmutableArray<double> Others)
{
    private const int Bins = 48;
    private const double Least = 1e-6;

    /// <summary>Counts rows.</summary>
    public static ScoreHistogram Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double low = 1, high = Least;
        foreach (double p in probabilities) (low, high) = (Math.Min(low, Math.Max(p, Least)), Math.Max(high, p));
        if (high <= low * 1.001) high = low * 1.001;
        double start = Math.Log(low), width = (Math.Log(high) - start) / Bins;
        double[] clicked = new double[Bins], others = new double[Bins];
        for (int i = 0; i < probabilities.Length; i++)
        {
            int bin = Math.Clamp((int)((Math.Log(Math.Max(probabilities[i], Least)) - start) / width), 0, Bins - 1);
            clicked[bin] += (double)weights[i] * labels[i];
            others[bin] += weights[i] * (1.0 - labels[i]);
        }

        return new ScoreHistogram([.. Enumerable.Range(0, Bins + 1).Select(i => Math.Exp(start + i * width))], Shares(clicked), Shares(others));
    }

    private static ImmutableArray<double> Shares(double[] weights)
    {
        double total = weights.Sum();
        return [.. weights.Select(weight => total > 0 ? weight / total : 0)];
    }
}
