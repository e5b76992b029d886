using System.Collections.Immutable;

namespace Juoku.Batch.Predicting;

/// <summary>
/// Counts of scores by size. The bins are fixed, so that histograms of parts, runs and models can be added and compared: eight to each doubling,
/// on both sides of zero. A bin is the upper bits of a double (sign, exponent, three bits of the fraction), which sort as the numbers do.
/// </summary>
public sealed class ScoreHistogram
{
    private const int Shift = 49;
    private const int Half = 1 << 14;

    private readonly long[] _counts = new long[2 * Half];

    /// <summary>The bins that are not empty, from the smallest score up.</summary>
    public ImmutableArray<ScoreBin> Bins =>
        [.. Enumerable.Range(-Half, 2 * Half).Where(bin => _counts[bin + Half] > 0).Select(bin => new ScoreBin(From(bin), _counts[bin + Half]))];

    /// <summary>Counts scores; one that is no number belongs to no bin.</summary>
    public void Add(ReadOnlySpan<double> scores)
    {
        foreach (double score in scores)
            if (!double.IsNaN(score)) _counts[BinOf(score) + Half]++;
    }

    /// <summary>Adds the counts of another histogram.</summary>
    public void Add(IEnumerable<ScoreBin> bins)
    {
        foreach (ScoreBin bin in bins) _counts[BinOf(bin.From) + Half] += bin.Count;
    }

    /// <summary>0 and on for positive scores, −1 and down for negative ones.</summary>
    private static int BinOf(double score)
    {
        int magnitude = (int)(BitConverter.DoubleToInt64Bits(Math.Abs(score)) >> Shift);
        return double.IsNegative(score) ? -1 - magnitude : magnitude;
    }

    /// <summary>The score of the bin that is nearest to zero.</summary>
    private static double From(int bin)
    {
        double magnitude = BitConverter.Int64BitsToDouble((long)(bin < 0 ? -1 - bin : bin) << Shift);
        return bin < 0 ? -magnitude : magnitude;
    }
}

/// <summary>Scores of about one size.</summary>
/// <param name="From">The score of the bin that is nearest to zero; the bin ends an eighth to a sixteenth of it further out.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct ScoreBin(double From, long Count);
