using System.Numerics;

namespace Juoku.Forest.Scoring;

/// <summary>
/// The exponential function for whole vectors. x = k · ln 2 + r with |r| ≤ ln 2 / 2 and ln 2 in two parts, so that r is known to
/// more than double precision; e^r is its Taylor polynomial of degree 13, whose remainder is below 2^-57; the result is e^r · 2^k.
/// </summary>
/// <remarks>
/// Off by less than one unit in the last place. Only additions, multiplications and shifts of bits, none of them fused: a row gets
/// the same bits wherever it lies in a block and on whatever machine, which the platform's own exp does not promise and
/// two workers that write the same part rely on.
/// </remarks>
internal static class Exponential
{
    private const double Log2E = 1.4426950408889634;

    // The upper part ends in 21 zero bits: k times it is exact.
    private const double Ln2Upper = 0.6931471803691238;
    private const double Ln2Lower = 1.9082149292705877e-10;

    // Adding this rounds to a whole number, which then stands in the lowest bits.
    private const double Rounder = 6755399441055744.0;

    // Beyond these the result is zero or infinite in any case.
    private const double Least = -746;
    private const double Greatest = 710;

    /// <summary>Replaces each value x by e^x.</summary>
    public static void Apply(Span<double> values)
    {
        int i = 0;
        for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Span<double> lanes = values.Slice(i, Vector<double>.Count);
            Of(new Vector<double>(lanes)).CopyTo(lanes);
        }

        for (; i < values.Length; i++) values[i] = Of(new Vector<double>(values[i]))[0];
    }

    /// <summary>e^x of each lane; NaN of NaN.</summary>
    public static Vector<double> Of(Vector<double> x)
    {
        Vector<double> inside = Vector.ConditionalSelect(Vector.GreaterThan(x, new Vector<double>(Least)), x, new Vector<double>(Least));
        inside = Vector.ConditionalSelect(Vector.LessThan(inside, new Vector<double>(Greatest)), inside, new Vector<double>(Greatest));

        var rounder = new Vector<double>(Rounder);
        Vector<double> k = ((inside * Log2E) + rounder) - rounder;
        Vector<double> upper = inside - (k * Ln2Upper);
        Vector<double> lower = k * Ln2Lower;
        Vector<double> r = upper - lower;
        Vector<double> rest = (upper - r) - lower;

        // Σ r^n / n! from n = 2, from the smallest terms up.
        Vector<double> sum = new Vector<double>(1.0 / 6227020800) * r;
        sum = (sum + new Vector<double>(1.0 / 479001600)) * r;
        sum = (sum + new Vector<double>(1.0 / 39916800)) * r;
        sum = (sum + new Vector<double>(1.0 / 3628800)) * r;
        sum = (sum + new Vector<double>(1.0 / 362880)) * r;
        sum = (sum + new Vector<double>(1.0 / 40320)) * r;
        sum = (sum + new Vector<double>(1.0 / 5040)) * r;
        sum = (sum + new Vector<double>(1.0 / 720)) * r;
        sum = (sum + new Vector<double>(1.0 / 120)) * r;
        sum = (sum + new Vector<double>(1.0 / 24)) * r;
        sum = (sum + new Vector<double>(1.0 / 6)) * r;
        sum = (sum + new Vector<double>(0.5)) * r * r;
        Vector<double> power = Vector<double>.One + (r + (sum + rest));

        // 2^k in two factors, neither of which leaves the range of normal numbers: the last product rounds once.
        Vector<double> half = ((k * 0.5) + rounder) - rounder;
        Vector<double> result = power * PowerOfTwo(half) * PowerOfTwo(k - half);
        return Vector.ConditionalSelect(Vector.Equals(x, x), result, x);
    }

    private static Vector<double> PowerOfTwo(Vector<double> k) =>
        Vector.AsVectorDouble(Vector.ShiftLeft(Vector.AsVectorInt64(k + new Vector<double>(Rounder + 1023)), 52));
}
