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
        int first = baseline.Bins[0].Bin, last = baseline.Bins[^1].Bin;
        var expected = new long[Groups + 2];
        var actual = new long[Groups + 2];
        var groupOf = new SortedList<int, int>();
        long below = 0;
        foreach (ScoreBin bin in baseline.Bins)
        {
            // A bin belongs to the tenth that its middle falls into.
            int group = 1 + (int)Math.Min(Groups - 1, (below + bin.Count / 2.0) * Groups / baseline.Count);
            groupOf.Add(bin.Bin, group);
            expected[group] += bin.Count;
            below += bin.Count;
        }

        int next = 0;
        foreach (ScoreBin bin in now.Bins)
        {
            // A bin that the baseline has not goes with the next higher one that it has.
            while (next < groupOf.Count && groupOf.GetKeyAtIndex(next) < bin.Bin) next++;
            int group = bin.Bin < first ? 0 : bin.Bin > last ? Groups + 1 : groupOf.GetValueAtIndex(next);
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
}
