using Juoku.Batch.Predicting;

namespace Juoku.Batch.Runs;

/// <summary>
/// Population stability index: Σ (a − e) ln(a / e) over groups of scores, where e is a group's share in a baseline and a its share now. Below
/// 0.1 nothing has moved, above 0.25 much has. The groups are tenths of the baseline, as near as its bins allow, and one on either side for
/// scores beyond any that the baseline has. A share below one in ten thousand counts as that, so that an empty group weighs little and finitely.
/// </summary>
public static class StabilityIndex
{
    private const int Groups = 10;
    private const double LeastShare = 1e-4;

    /// <summary>The index; null when either side has no scores.</summary>
    public static double? Of(ScoreSummary baseline, ScoreSummary now)
    {
        if (baseline.Count == 0 || now.Count == 0) return null;
        long first = Order(baseline.Bins[0]), last = Order(baseline.Bins[^1]);
        var expected = new long[Groups + 2];
        var actual = new long[Groups + 2];
        var groupOf = new List<(long Order, int Group)>(baseline.Bins.Length);
        long below = 0;
        foreach (ScoreBin bin in baseline.Bins)
        {
            // A bin belongs to the tenth that its middle falls into.
            int group = 1 + (int)Math.Min(Groups - 1, (below + bin.Count / 2.0) * Groups / baseline.Count);
            groupOf.Add((Order(bin), group));
            expected[group] += bin.Count;
            below += bin.Count;
        }

        int next = 0;
        foreach (ScoreBin bin in now.Bins)
        {
            // A bin that the baseline has not goes with the next higher one that it has.
            long order = Order(bin);
            while (next < groupOf.Count && groupOf[next].Order < order) next++;
            int group = order < first ? 0 : order > last ? Groups + 1 : groupOf[next].Group;
            actual[group] += bin.Count;
        }

        double index = 0;
        for (int group = 0; group < expected.Length; group++)
        {
            if (expected[group] == 0 && actual[group] == 0) continue;
            double e = Math.Max(LeastShare, expected[group] / (double)baseline.Count);
            double a = Math.Max(LeastShare, actual[group] / (double)now.Count);
            index += (a - e) * Math.Log(a / e);
        }

        return index;
    }

    /// <summary>Sorts as the scores do, −0 below 0.</summary>
    private static long Order(ScoreBin bin)
    {
        long magnitude = BitConverter.DoubleToInt64Bits(Math.Abs(bin.From));
        return double.IsNegative(bin.From) ? -1 - magnitude : magnitude;
    }
}
