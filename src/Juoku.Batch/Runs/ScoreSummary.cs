using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Juoku.Batch.Predicting;

namespace Juoku.Batch.Runs;

/// <summary>How scores are distributed.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Bins">Counts by size, ascending: see <see cref="ScoreHistogram"/>.</param>
public sealed record ScoreSummary(long Count, double Sum, ImmutableArray<ScoreBin> Bins)
{
    /// <summary>Of no scores.</summary>
    public static ScoreSummary Empty { get; } = new(0, 0, []);

    /// <summary>The mean; null without scores.</summary>
    [JsonIgnore]
    public double? Mean => Count > 0 ? Sum / Count : null;

    /// <summary>Of the scores of a part.</summary>
    public static ScoreSummary Of(PartStatistics part)
    {
        ImmutableArray<ScoreBin> bins = part.Scores.Bins;
        return new ScoreSummary(bins.Sum(bin => bin.Count), part.ScoreSum, bins);
    }

    /// <summary>Of all scores of several parts, added up in the order given.</summary>
    public static ScoreSummary Total(IEnumerable<ScoreSummary> parts)
    {
        var histogram = new ScoreHistogram();
        long count = 0;
        double sum = 0;
        foreach (ScoreSummary part in parts)
        {
            count += part.Count;
            sum += part.Sum;
            histogram.Add(part.Bins);
        }

        return new ScoreSummary(count, sum, histogram.Bins);
    }
}
