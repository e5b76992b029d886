namespace Juoku.Learning.Generation;

/// <summary>Codes 0 … n − 1 with probability proportional to 1 / (code + 1)^exponent: few sites get most of the traffic.</summary>
public sealed class ZipfDistribution
{
    private readonly double[] _cumulative;

    /// <summary>A distribution over <paramref name="count"/> codes.</summary>
    public ZipfDistribution(int count, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _cumulative = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) _cumulative[i] = sum += Math.Pow(i + 1, -exponent);
        for (int i = 0; i < count; i++) _cumulative[i] /= sum;
        _cumulative[^1] = 1;
    }

    /// <summary>Draws a code.</summary>
    public int Next(SeededRandom random)
    {
        int found = Array.BinarySearch(_cumulative, random.NextDouble());
        return found < 0 ? ~found : found + 1;
    }
}
