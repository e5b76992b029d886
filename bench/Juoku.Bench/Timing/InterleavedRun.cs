namespace Juoku.Bench.Timing;

/// <summary>
/// Rates of several contestants, measured turn by turn in one run, so that whatever else the machine does in between falls on all of them.
/// The first contestant is the one the others are compared with.
/// </summary>
internal sealed class InterleavedRun
{
    private readonly Dictionary<string, double[]> _rates;
    private readonly double[] _first;

    private InterleavedRun(Dictionary<string, double[]> rates, double[] first)
    {
        _rates = rates;
        _first = first;
    }

    /// <summary>Measures <paramref name="rounds"/> samples of each contestant, calibrated beforehand.</summary>
    public static InterleavedRun Measure(IReadOnlyList<Contestant> contestants, int rounds, CancellationToken cancel) =>
        Measure([.. contestants.Select(c => (c.Name, (Func<int, double>)c.Sample))], rounds, cancel);

    /// <summary>Measures <paramref name="rounds"/> samples of each contestant; a sample is given its round and returns a rate.</summary>
    public static InterleavedRun Measure(IReadOnlyList<(string Name, Func<int, double> Sample)> contestants, int rounds, CancellationToken cancel)
    {
        Dictionary<string, double[]> rates = contestants.ToDictionary(c => c.Name, _ => new double[rounds]);
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < contestants.Count; turn++)
            {
                cancel.ThrowIfCancellationRequested();
                // Every other round runs backwards: nobody always follows the same neighbour.
                (string name, Func<int, double> sample) = contestants[round % 2 == 0 ? turn : contestants.Count - 1 - turn];
                // One contestant's garbage is not collected on another's time.
                GC.Collect();
                rates[name][round] = sample(round);
            }
        }

        return new InterleavedRun(rates, rates[contestants[0].Name]);
    }

    /// <summary>Median rate of a contestant.</summary>
    public double Rate(string name) => Median(_rates[name]);

    /// <summary>How many times the first contestant's rate is that of <paramref name="name"/>: median over rounds of the two measured side by side.</summary>
    public double Ratio(string name) => Median([.. _first.Zip(_rates[name], (first, other) => first / other)]);

    /// <summary>Middle of the values; mean of the middle two where their number is even.</summary>
    public static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
