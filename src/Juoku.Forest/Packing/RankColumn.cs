using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;

namespace Juoku.Forest.Packing;

/// <summary>
/// Turns the values of one feature into ranks among the model's own thresholds, so that every numeric decision becomes a comparison
/// of small integers: rank(x) = number of thresholds below x, hence <c>x &gt; threshold[i]</c> exactly when <c>rank(x) &gt; i</c>.
/// <para>
/// A column holds at most <see cref="MaxThresholds"/> thresholds, so that ranks and the rank of missing values fit a byte; a feature
/// with more has several columns, each of which sees all rows. Features that are split with several kinds of missing have a column for each.
/// </para>
/// <para>
/// Thresholds are stored so that no value needs to be cleaned first: LightGBM reads |x| ≤ 1e-35 as zero, so a threshold inside that
/// interval is moved to its edge; a float compares with the largest float that is not above the threshold.
/// </para>
/// </summary>
internal sealed class RankColumn
{
    public const int MaxThresholds = 254;

    private RankColumn(int feature, MissingKind missing, double[] thresholds, bool missingGoesHigh)
    {
        Feature = feature;
        Missing = missing;
        Doubles = AlignedBuffer<double>.Of([.. thresholds, .. Enumerable.Repeat(double.PositiveInfinity, 256 - thresholds.Length)]);
        float[] floats = [.. thresholds.Select(RoundDown)];
        FloatsAreDistinct = floats.Zip(floats.Skip(1)).All(pair => pair.First < pair.Second);
        Levels = Math.Max(1, int.Log2(thresholds.Length) + 1);
        FloatTree = AlignedBuffer<float>.Of(SearchTree(floats, Levels));
        ThresholdCount = thresholds.Length;
        MissingRank = missing == MissingKind.None
            ? (byte)thresholds.Count(threshold => threshold < 0)
            : (byte)(missingGoesHigh ? thresholds.Length + 1 : 0);
        ConditionCount = thresholds.Length + (missing != MissingKind.None && missingGoesHigh ? 1 : 0);
        Bits = int.Log2(ConditionCount) + 1;
    }

    public int Feature { get; }

    public MissingKind Missing { get; }

    /// <summary>Number of thresholds, in increasing order.</summary>
    public int ThresholdCount { get; }

    /// <summary>The conditions <c>rank &gt; 0 … rank &gt; ConditionCount − 1</c>; where missing ranks highest, the last one is "missing".</summary>
    public int ConditionCount { get; }

    /// <summary>Bits that a rank needs.</summary>
    public int Bits { get; }

    /// <summary>Rank given to missing values: that of zero when nothing is missing, else below or above every threshold.</summary>
    public byte MissingRank { get; }

    /// <summary>The thresholds, padded with +∞ to 256.</summary>
    public AlignedBuffer<double> Doubles { get; }

    /// <summary>Thresholds rounded down to float as an implicit search tree: children of <c>i</c> are <c>2i</c> and <c>2i + 1</c>, root 1; padded to 256.</summary>
    public AlignedBuffer<float> FloatTree { get; }

    /// <summary>Depth of <see cref="FloatTree"/>.</summary>
    public int Levels { get; }

    /// <summary>No two thresholds round to the same float; then a double's rank can be found by float search and one comparison.</summary>
    public bool FloatsAreDistinct { get; }

    /// <summary>Values no larger than this in magnitude are missing; −1 when only NaN is.</summary>
    public float MissingMagnitude => Missing == MissingKind.Zero ? (float)ScalarKernel.ZeroThreshold : -1;

    /// <summary>Rank of missing values for nodes that send them left, which see them below everything, or for others.</summary>
    public byte MissingRankFor(bool missingLow) => missingLow && Missing != MissingKind.None ? (byte)0 : MissingRank;

    /// <summary>Columns for one feature and kind of missing.</summary>
    /// <param name="feature">Feature index.</param>
    /// <param name="missing">What its splits treat as missing.</param>
    /// <param name="thresholds">Distinct thresholds after <see cref="Normalize"/>, increasing.</param>
    /// <param name="missingGoesHigh">Missing ranks above all thresholds (some split sends it right) rather than below.</param>
    public static IEnumerable<RankColumn> For(int feature, MissingKind missing, double[] thresholds, bool missingGoesHigh) =>
        thresholds.Chunk(MaxThresholds).Select(chunk => new RankColumn(feature, missing, chunk, missingGoesHigh));

    /// <summary>Moves a threshold inside LightGBM's zero interval to the edge that decides alike.</summary>
    public static double Normalize(double threshold) => threshold switch
    {
        >= 0 and <= ScalarKernel.ZeroThreshold => ScalarKernel.ZeroThreshold,
        < 0 and >= -ScalarKernel.ZeroThreshold => double.BitDecrement(-ScalarKernel.ZeroThreshold),
        _ => threshold,
    };

    /// <summary>Largest float that is not above the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float RoundDown(double value)
    {
        float nearest = (float)value;
        return nearest > value ? float.BitDecrement(nearest) : nearest;
    }

    private static float[] SearchTree(float[] sorted, int levels)
    {
        var tree = new float[256];
        Array.Fill(tree, float.PositiveInfinity);
        for (int level = 0; level < levels; level++)
        {
            // Node p of a level splits the p-th of 2^level equal ranges of ranks.
            int half = 1 << (levels - level - 1);
            for (int p = 0; p < 1 << level; p++)
            {
                int middle = (p * 2 * half) + half - 1;
                if (middle < sorted.Length) tree[(1 << level) + p] = sorted[middle];
            }
        }

        return tree;
    }
}
