using System.Collections.Immutable;

namespace Juoku.Learning.Evaluation;

/// <summary>How far a feature has moved since training.</summary>
/// <param name="Name">The feature.</param>
/// <param name="Psi">Population stability index: Σ (a − e) ln(a / e) over bins. Below 0.1 hardly, above 0.25 far, by common usage.</param>
/// <param name="MissingThen">Share of missing values at training.</param>
/// <param name="MissingNow">Share of missing values now.</param>
public sealed record FeatureDrift(string Name, double Psi, double MissingThen, double MissingNow)
{
    // An empty bin would make the sum infinite: a share below this counts as this.
    private const double Floor = 1e-4;

    /// <summary>Compares two distributions over the same bins.</summary>
    public static FeatureDrift Of(FeatureShares then, ImmutableArray<double> now) =>
        new(then.Name, then.Shares.Zip(now).Sum(pair => Term(pair.First, pair.Second)), then.Shares[^1], now[^1]);

    private static double Term(double expected, double actual)
    {
        if (expected < Floor && actual < Floor) return 0;
        (expected, actual) = (Math.Max(expected, Floor), Math.Max(actual, Floor));
        return (actual - expected) * Math.Log(actual / expected);
    }
}
