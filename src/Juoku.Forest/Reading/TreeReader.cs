using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Juoku.Forest.Reading;

/// <summary>
/// Reads one tree. Its lines are located first, in any order, then those that decide scores are parsed; statistics of training
/// (gains, counts, weights, inner values) are stepped over unread.
/// </summary>
internal static class TreeReader
{
    private static readonly FieldNames Names = new(
        "num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value", "cat_boundaries", "cat_threshold",
        "is_linear", "leaf_const", "num_features", "leaf_features", "leaf_coeff",
        "split_gain", "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count", "shrinkage");

    // In the order of the names; those without a key here are never asked for.
    private enum Key
    {
        Leaves,
        Categoricals,
        SplitFeature,
        Threshold,
        DecisionType,
        LeftChild,
        RightChild,
        LeafValue,
        CategoryBoundaries,
        CategoryBits,
        IsLinear,
        LeafConstant,
        LeafFeatureCount,
        LeafFeatures,
        LeafCoefficients,
    }

    /// <summary>Reads the tree that stands in <paramref name="block"/>.</summary>
    public static Tree Read(ReadOnlySpan<byte> text, TreeBlock block, int number, int features, string source)
    {
        var fields = new FieldTable(text, Names, stackalloc int[3 * Names.Count], source, number, block.Line);
        var lines = new LineReader(text[..block.End], block.Start, block.Line - 1);
        lines.Next();
        bool isOver = false;
        while (lines.Next())
        {
            ReadOnlySpan<byte> line = lines.Current;
            if (line.IsEmpty)
            {
                isOver = true;
                continue;
            }

            int equals = line.IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? line : line[..equals];
            int key = equals < 0 ? -1 : Names.IndexOf(name);
            if (key < 0) throw fields.Fault(lines.Line, $"has the unknown field '{Field.Shown(name)}': {Remedy.Unknown}");
            if (isOver) throw fields.Fault(lines.Line, $"goes on after its end with {Names[key]}: {Remedy.Edited}");
            fields.Add(key, lines);
        }

        return Build(fields, features);
    }

    private static Tree Build(FieldTable fields, int features)
    {
        Field leafCount = fields[(int)Key.Leaves];
        int leaves = leafCount.Int(1);
        double[] values = fields[(int)Key.LeafValue].Doubles(leaves);
        bool isLinear = fields.Has((int)Key.IsLinear) && fields[(int)Key.IsLinear].Int(0) != 0;
        ImmutableArray<LinearLeaf> linearLeaves = isLinear ? LinearLeaves(fields, leaves, features) : [];
        int categoricals = fields[(int)Key.Categoricals].Int(0);
        if (leaves == 1)
        {
            return new Tree
            {
                SplitFeature = [],
                Threshold = [],
                Decisions = [],
                LeftChild = [],
                RightChild = [],
                LeafValue = ImmutableCollectionsMarshal.AsImmutableArray(values),
                LinearLeaves = linearLeaves,
            };
        }

        int nodes = leaves - 1;
        Field split = fields[(int)Key.SplitFeature];
        Field left = fields[(int)Key.LeftChild];
        Field right = fields[(int)Key.RightChild];
        Field threshold = fields[(int)Key.Threshold];
        int[] splitFeatures = split.Ints(nodes);
        int[] leftChildren = left.Ints(nodes);
        int[] rightChildren = right.Ints(nodes);
        double[] thresholds = threshold.Doubles(nodes);
        Decision[] decisions = Decisions(fields[(int)Key.DecisionType], nodes, categoricals);
        int[] boundaries = [];
        uint[] bits = [];
        if (categoricals > 0)
        {
            Field boundary = fields[(int)Key.CategoryBoundaries];
            if (categoricals == int.MaxValue) throw boundary.Fault("cannot have so many values");
            boundaries = boundary.Ints(categoricals + 1);
            TreeCheck.Boundaries(boundary, boundaries);
            bits = fields[(int)Key.CategoryBits].Words(boundaries[^1]);
        }

        TreeCheck.Splits(split, splitFeatures, features);
        TreeCheck.Thresholds(threshold, thresholds, decisions, categoricals);
        TreeCheck.Shape(left, leftChildren, right, rightChildren);
        return new Tree
        {
            SplitFeature = ImmutableCollectionsMarshal.AsImmutableArray(splitFeatures),
            Threshold = ImmutableCollectionsMarshal.AsImmutableArray(thresholds),
            Decisions = ImmutableCollectionsMarshal.AsImmutableArray(decisions),
            LeftChild = ImmutableCollectionsMarshal.AsImmutableArray(leftChildren),
            RightChild = ImmutableCollectionsMarshal.AsImmutableArray(rightChildren),
            LeafValue = ImmutableCollectionsMarshal.AsImmutableArray(values),
            CategoryBoundaries = ImmutableCollectionsMarshal.AsImmutableArray(boundaries),
            CategoryBits = ImmutableCollectionsMarshal.AsImmutableArray(bits),
            LinearLeaves = linearLeaves,
        };
    }

    /// <summary>LightGBM looks at the categorical bit only in trees that have categorical splits; in others the bit is dropped here.</summary>
    private static Decision[] Decisions(Field field, int nodes, int categoricals)
    {
        int[] types = field.Ints(nodes);
        var decisions = new Decision[nodes];
        for (int i = 0; i < nodes; i++)
        {
            // Bits 2 and 3 hold the missing kind, of which three are known: 12 and above is the fourth.
            if (types[i] is < 0 or > 11) throw field.Fault($"of node {i} is {types[i]}, not a known kind of split", Remedy.Unknown);
            decisions[i] = new Decision((byte)(categoricals > 0 ? types[i] : types[i] & ~1));
        }

        return decisions;
    }

    private static ImmutableArray<LinearLeaf> LinearLeaves(FieldTable fields, int leaves, int features)
    {
        double[] constants = fields[(int)Key.LeafConstant].Doubles(leaves);
        Field countField = fields[(int)Key.LeafFeatureCount];
        int[] counts = countField.Ints(leaves);
        long total = 0;
        foreach (int count in counts) total += count >= 0 ? count : throw countField.Fault("holds a negative count");
        Field featureField = fields[(int)Key.LeafFeatures];
        int[] leafFeatures = featureField.Ints((int)Math.Min(total, int.MaxValue));
        TreeCheck.Splits(featureField, leafFeatures, features);
        double[] coefficients = fields[(int)Key.LeafCoefficients].Doubles(leafFeatures.Length);
        var linear = new LinearLeaf[leaves];
        int at = 0;
        for (int i = 0; i < leaves; i++)
        {
            linear[i] = new LinearLeaf(constants[i], [.. leafFeatures.AsSpan(at, counts[i])], [.. coefficients.AsSpan(at, counts[i])]);
            at += counts[i];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(linear);
    }
}
