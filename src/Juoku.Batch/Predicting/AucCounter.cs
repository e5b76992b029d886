namespace Juoku.Batch.Predicting;

/// <summary>
/// Area under the ROC curve of a stream of scores: the share of (positive, negative) pairs in which the positive has the higher score,
/// ties counting half (Mann and Whitney, 1947). Exact as long as the scores fit in a fixed memory; after that the scores seen so far
/// fix the borders of bins with equally many scores each, and pairs within a bin count half, which bounds the error.
/// </summary>
/// <param name="exactRows">Rows up to which the result is exact.</param>
/// <param name="bins">Number of bins after that.</param>
public sealed class AucCounter(int exactRows = 1 << 22, int bins = 1 << 16)
{
    private readonly List<double> _positives = [];
    private readonly List<double> _negatives = [];
    private double[]? _borders;
    private long[] _binPositives = [];
    private long[] _binNegatives = [];

    /// <summary>Adds a row.</summary>
    public void Add(double score, bool positive)
    {
        if (_borders is not null)
        {
            Count(score, positive, 1);
            return;
        }

        (positive ? _positives : _negatives).Add(score);
        if (_positives.Count + _negatives.Count >= exactRows) StartBins();
    }

    /// <summary>The area and the most it can be off; null when there are only positives or only negatives.</summary>
    public (double Auc, double Error)? Result() => _borders is null ? Exact() : Binned();

    private (double, double)? Exact()
    {
        if (_positives.Count == 0 || _negatives.Count == 0) return null;
        double[] negatives = [.. _negatives];
        double[] positives = [.. _positives];
        Array.Sort(negatives);
        Array.Sort(positives);
        double below = 0;
        int lower = 0, upper = 0;
        foreach (double score in positives)
        {
            while (lower < negatives.Length && negatives[lower] < score) lower++;
            while (upper < negatives.Length && negatives[upper] <= score) upper++;
            below += lower + 0.5 * (upper - lower);
        }

        return (below / ((double)positives.Length * negatives.Length), 0);
    }

    private (double, double)? Binned()
    {
        double positives = _binPositives.Sum();
        double negatives = _binNegatives.Sum();
        if (positives == 0 || negatives == 0) return null;
        double below = 0, tied = 0, seen = 0;
        for (int bin = 0; bin < _binPositives.Length; bin++)
        {
            below += _binPositives[bin] * seen;
            tied += 0.5 * _binPositives[bin] * _binNegatives[bin];
            seen += _binNegatives[bin];
        }

        return ((below + tied) / (positives * negatives), tied / (positives * negatives));
    }

    private void StartBins()
    {
        double[] all = [.. _positives, .. _negatives];
        Array.Sort(all);
        _borders = [.. Enumerable.Range(1, bins - 1).Select(i => all[(int)((long)i * all.Length / bins)]).Distinct()];
        _binPositives = new long[_borders.Length + 1];
        _binNegatives = new long[_borders.Length + 1];
        foreach (double score in _positives) Count(score, true, 1);
        foreach (double score in _negatives) Count(score, false, 1);
        _positives.Clear();
        _negatives.Clear();
        _positives.TrimExcess();
        _negatives.TrimExcess();
    }

    private void Count(double score, bool positive, long times)
    {
        int bin = Array.BinarySearch(_borders!, score);
        (positive ? _binPositives : _binNegatives)[bin >= 0 ? bin + 1 : ~bin] += times;
    }
}
