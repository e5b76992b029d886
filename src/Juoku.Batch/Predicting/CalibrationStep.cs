using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Juoku.Batch.Predicting;

/// <summary>A monotone map of 0 … 1 into itself, in plain arithmetic.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DownSamplingCorrection), "down_sampling")]
[JsonDerivedType(typeof(CalibrationCurve), "curve")]
public abstract record CalibrationStep
{
    /// <summary>Maps in place.</summary>
    public abstract void Apply(Span<double> probabilities);

    /// <summary>Refuses parameters that make no monotone map of 0 … 1 into itself.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public abstract void Validate();
}

/// <summary>
/// Undoes the down-sampling of rows without click, where training did not weigh them: <c>p / (p + (1 − p) / rate)</c> (He et al., 2014).
/// </summary>
/// <param name="Rate">Share of the rows without click that was kept.</param>
public sealed record DownSamplingCorrection(double Rate) : CalibrationStep
{
    /// <inheritdoc/>
    public override void Apply(Span<double> probabilities)
    {
        foreach (ref double p in probabilities) p /= p + (1 - p) / Rate;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        if (!(Rate > 0 && Rate <= 1)) throw new ArgumentException($"a rate of {Rate} is not within 0 … 1");
    }
}

/// <summary>
/// A piecewise linear map through points, constant beyond them. Platt's scaling too is kept as points: sums, products and quotients have the
/// same bits on every machine, <c>exp</c> and <c>log</c> of the C library do not.
/// </summary>
/// <param name="Method">How the points were found: <c>isotonic</c> or <c>platt</c>.</param>
/// <param name="From">Probabilities before, ascending.</param>
/// <param name="To">Probabilities after, never descending.</param>
public sealed record CalibrationCurve(string Method, ImmutableArray<double> From, ImmutableArray<double> To) : CalibrationStep
{
    /// <inheritdoc/>
    public override void Apply(Span<double> probabilities)
    {
        ReadOnlySpan<double> from = From.AsSpan(), to = To.AsSpan();
        foreach (ref double p in probabilities)
        {
            if (double.IsNaN(p)) continue;
            int at = from.BinarySearch(p);
            if (at >= 0) p = to[at];
            else if (~at == 0) p = to[0];
            else if (~at == from.Length) p = to[^1];
            else p = Between(from, to, ~at, p);
        }
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        if (From.IsDefaultOrEmpty || To.IsDefault || From.Length != To.Length) throw new ArgumentException("points must come in pairs, one at least");
        for (int i = 0; i < From.Length; i++)
        {
            if (!(From[i] is >= 0 and <= 1 && To[i] is >= 0 and <= 1)) throw new ArgumentException($"point {i} ({From[i]}, {To[i]}) is not within 0 … 1");
            if (i > 0 && (From[i] <= From[i - 1] || To[i] < To[i - 1])) throw new ArgumentException($"point {i} ({From[i]}, {To[i]}) does not rise");
        }
    }

    private static double Between(ReadOnlySpan<double> from, ReadOnlySpan<double> to, int above, double p)
    {
        double share = (p - from[above - 1]) / (from[above] - from[above - 1]);

        // Rounding must not lead beyond the next point, or the map would not be monotone.
        return Math.Min(to[above], to[above - 1] + share * (to[above] - to[above - 1]));
    }
}
