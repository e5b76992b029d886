using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Juoku.Batch.Runs;

/// <summary>
/// Counts scores in fixed bins, eight an octave on either side of zero, so that the counts of any two parts, runs or machines add up. A bin
/// is read off the bits of the number: no logarithm, no rounding that could differ.
/// </summary>
public sealed class ScoreHistogram
{
    // Sign, exponent and three bits of the mantissa.
    private const int Shift = 49;

    // Everything nearer to zero than 2⁻⁴⁰ is one bin.
    private const int Smallest = (1023 - 40) << 3;

    private readonly Dictionary<int, long> _bins = [];
    private long _count;
    private double _sum;
    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;

    /// <summary>The bin of a score; bins are numbered in the order of the scores, 0 around zero.</summary>
    public static int BinOf(double score)
    {
        int magnitude = (int)(BitConverter.DoubleToUInt64Bits(Math.Abs(score)) >> Shift) - Smallest;
        return magnitude <= 0 ? 0 : score < 0 ? -magnitude : magnitude;
    }

    /// <summary>Adds scores. The sum depends on their order: add those of a part in the order of its rows.</summary>
    public void Add(ReadOnlySpan<double> scores)
    {
        foreach (double score in scores)
        {
            _sum += score;
            _min = Math.Min(_min, score);
            _max = Math.Max(_max, score);
            CollectionsMarshal.GetValueRefOrAddDefault(_bins, BinOf(score), out _)++;
        }

        _count += scores.Length;
    }

    /// <summary>What was added so far.</summary>
    public ScoreSummary Summary() => _count == 0
        ? ScoreSummary.Empty
        : new ScoreSummary(_count, _sum, _min, _max, [.. _bins.OrderBy(bin => bin.Key).Select(bin => new ScoreBin(bin.Key, bin.Value))]);
}

/// <summary>How scores are distributed.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Min">The least; 0 without scores.</param>
/// <param name="Max">The greatest; 0 without scores.</param>
/// <param name="Bins">Counts by <see cref="ScoreHistogram.BinOf"/>, ascending; bins without scores are left out.</param>
public sealed record ScoreSummary(long Count, double Sum, double Min, double Max, ImmutableArray<ScoreBin> Bins)
{
    /// <summary>Of no scores.</summary>
    public static ScoreSummary Empty { get; } = new(0, 0, 0, 0, []);

    /// <summary>The mean; null without scores.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? Mean => Count > 0 ? Sum / Count : null;

    /// <summary>Of all scores of several parts, added up in the order given.</summary>
    public static ScoreSummary Total(IEnumerable<ScoreSummary> parts)
    {
        var bins = new SortedDictionary<int, long>();
        long count = 0;
        double sum = 0, min = double.PositiveInfinity, max = double.NegativeInfinity;
        foreach (ScoreSummary part in parts.Where(part => part.Count > 0))
        {
            count += part.Count;
            sum += part.Sum;
            min = Math.Min(min, part.Min);
            max = Math.Max(max, part.Max);
            foreach (ScoreBin bin in part.Bins) bins[bin.Bin] = bins.GetValueOrDefault(bin.Bin) + bin.Count;
        }

        return count == 0 ? Empty : new ScoreSummary(count, sum, min, max, [.. bins.Select(bin => new ScoreBin(bin.Key, bin.Value))]);
    }
}

/// <summary>Scores in a bin.</summary>
/// <param name="Bin">The bin.</param>
/// <param name="Count">How many scores are in it.</param>
public readonly record struct ScoreBin(int Bin, long Count);
