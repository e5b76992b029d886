namespace Juoku.Forest.Kernels;

/// <summary>
/// The definition of a score, row by row and node by node, exactly as LightGBM 4 computes it. Every other kernel must agree
/// with this one to the last bit; nothing here is fast.
/// </summary>
internal static class ScalarKernel
{
    /// <summary>LightGBM's <c>kZeroThreshold</c>: its predictor reads values no larger than this as zero.</summary>
    public const double ZeroThreshold = 1e-35f;

    /// <summary>Adds every tree's output for one row (values by feature index) to <paramref name="raw"/>, which starts at zero.</summary>
    public static void Score(Ensemble ensemble, ReadOnlySpan<double> row, Span<double> raw)
    {
        raw.Clear();
        for (int i = 0; i < ensemble.Trees.Length; i++) raw[i % raw.Length] += Output(ensemble.Trees[i], row);
    }

    /// <summary>Output of one tree for one row.</summary>
    public static double Output(Tree tree, ReadOnlySpan<double> row)
    {
        int leaf = Leaf(tree, row);
        if (tree.LinearLeaves.IsEmpty) return tree.LeafValue[leaf];

        LinearLeaf linear = tree.LinearLeaves[leaf];
        double output = linear.Constant;
        for (int i = 0; i < linear.Features.Length; i++)
        {
            double value = Read(row[linear.Features[i]]);
            if (double.IsNaN(value)) return tree.LeafValue[leaf];
            output += linear.Coefficients[i] * value;
        }

        return output;
    }

    /// <summary>Leaf that one row reaches.</summary>
    public static int Leaf(Tree tree, ReadOnlySpan<double> row)
    {
        if (tree.NodeCount == 0) return 0;
        int node = 0;
        while (node >= 0) node = GoesLeft(tree, node, Read(row[tree.SplitFeature[node]])) ? tree.LeftChild[node] : tree.RightChild[node];
        return ~node;
    }

    private static double Read(double value) => Math.Abs(value) <= ZeroThreshold ? 0 : value;

    private static bool GoesLeft(Tree tree, int node, double value)
    {
        Decision decision = tree.Decisions[node];
        if (decision.IsCategorical) return Contains(tree.CategoriesLeft(node), value);

        MissingKind missing = decision.Missing;
        if (double.IsNaN(value) && missing != MissingKind.NaN) value = 0;
        if ((missing == MissingKind.Zero && value == 0) || (missing == MissingKind.NaN && double.IsNaN(value))) return decision.DefaultLeft;
        return value <= tree.Threshold[node];
    }

    /// <summary>Categories are truncated towards zero; NaN, negative and out-of-range values belong to no category.</summary>
    private static bool Contains(ReadOnlySpan<uint> bits, double value)
    {
        if (!(value > -1 && value < 2147483648.0)) return false;
        int category = (int)value;
        int word = category >> 5;
        return word < bits.Length && (bits[word] >> (category & 31) & 1) != 0;
    }
}
