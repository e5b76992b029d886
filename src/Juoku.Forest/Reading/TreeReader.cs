using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Juoku.Forest.Reading;

/// <summary>
/// Reads one tree. Its lines are located first, in any order, then those that decide scores are parsed; statistics of training
/// (gains, counts, weights, inner values) are stepped over unread.
/// </summary>
internal static class TreeReader
{
    private const int Absent = -1;

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
        Count,
        Ignored,
    }

    /// <summary>Reads the tree that stands in <paramref name="block"/>.</summary>
    public static Tree Read(ReadOnlySpan<byte> text, TreeBlock block, int number, int features, string source)
    {
        Span<int> starts = stackalloc int[(int)Key.Count];
        Span<int> lengths = stackalloc int[(int)Key.Count];
        Span<int> numbers = stackalloc int[(int)Key.Count];
        starts.Fill(Absent);
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
            Key key = equals < 0 ? Key.Count : KeyOf(line[..equals]);
            if (key == Key.Ignored && !isOver) continue;
            if (key == Key.Count || isOver)
                throw new ModelFormatException(source, lines.Line, $"'{Field.Shown(equals < 0 ? line : line[..equals])}' in tree {number} is not a known field there, so its meaning for scores is not known; save the model again with LightGBM 2.1 to 4.");
            if (starts[(int)key] != Absent)
                throw new ModelFormatException(source, lines.Line, $"{Encoding.UTF8.GetString(NameOf(key))} appears twice in tree {number}: the model was edited; save it again with LightGBM.");
            starts[(int)key] = lines.Start + equals + 1;
            lengths[(int)key] = line.Length - equals - 1;
            numbers[(int)key] = lines.Line;
        }

        return Build(new Fields(text, starts, lengths, numbers, source, block.Line, number), features);
    }

    private static Tree Build(Fields fields, int features)
    {
        Field leafCount = fields.Required(Key.Leaves);
        int leaves = leafCount.Int(1);
        double[] values = fields.Required(Key.LeafValue).Doubles(leaves);
        Field linear = fields.Optional(Key.IsLinear);
        ImmutableArray<LinearLeaf> linearLeaves = linear.Line > 0 && linear.Int(0) != 0 ? LinearLeaves(fields, leaves, features) : [];
        int categoricals = fields.Required(Key.Categoricals).Int(0);
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
        Field split = fields.Required(Key.SplitFeature);
        Field left = fields.Required(Key.LeftChild);
        Field right = fields.Required(Key.RightChild);
        Field threshold = fields.Required(Key.Threshold);
        int[] splitFeatures = split.Ints(nodes);
        int[] leftChildren = left.Ints(nodes);
        int[] rightChildren = right.Ints(nodes);
        double[] thresholds = threshold.Doubles(nodes);
        Decision[] decisions = Decisions(fields.Required(Key.DecisionType), nodes, categoricals);
        int[] boundaries = [];
        uint[] bits = [];
        if (categoricals > 0)
        {
            Field boundary = fields.Required(Key.CategoryBoundaries);
            if (categoricals == int.MaxValue) throw boundary.Fault("cannot have so many values: the model was edited; save it again with LightGBM");
            boundaries = boundary.Ints(categoricals + 1);
            TreeCheck.Boundaries(boundary, boundaries);
            bits = fields.Required(Key.CategoryBits).Words(boundaries[^1]);
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

    /// <summary>LightGBM looks at a node's categorical bit only in trees that have categorical splits; in others the bit is dropped here.</summary>
    private static Decision[] Decisions(Field field, int nodes, int categoricals)
    {
        int[] types = field.Ints(nodes);
        var decisions = new Decision[nodes];
        for (int i = 0; i < nodes; i++)
        {
            // Bits 2 and 3 hold the missing kind, of which three are known: 12 and above is the fourth.
            if (types[i] is < 0 or > 11) throw field.Fault($"of node {i} is {types[i]}, which is not a known kind of split; save the model with LightGBM 2.1 to 4");
            decisions[i] = new Decision((byte)(categoricals > 0 ? types[i] : types[i] & ~1));
        }

        return decisions;
    }

    private static ImmutableArray<LinearLeaf> LinearLeaves(Fields fields, int leaves, int features)
    {
        double[] constants = fields.Required(Key.LeafConstant).Doubles(leaves);
        Field countField = fields.Required(Key.LeafFeatureCount);
        int[] counts = countField.Ints(leaves);
        long total = 0;
        foreach (int count in counts) total += count >= 0 ? count : throw countField.Fault("holds a negative count: the model was edited; save it again with LightGBM");
        Field featureField = fields.Required(Key.LeafFeatures);
        int[] leafFeatures = featureField.Ints((int)Math.Min(total, int.MaxValue));
        TreeCheck.Splits(featureField, leafFeatures, features);
        double[] coefficients = fields.Required(Key.LeafCoefficients).Doubles(leafFeatures.Length);
        var linear = new LinearLeaf[leaves];
        int at = 0;
        for (int i = 0; i < leaves; i++)
        {
            linear[i] = new LinearLeaf(constants[i], [.. leafFeatures.AsSpan(at, counts[i])], [.. coefficients.AsSpan(at, counts[i])]);
            at += counts[i];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(linear);
    }

    private static Key KeyOf(ReadOnlySpan<byte> name)
    {
        for (Key key = 0; key < Key.Count; key++)
            if (name.SequenceEqual(NameOf(key))) return key;
        return name.SequenceEqual("split_gain"u8) || name.SequenceEqual("leaf_weight"u8) || name.SequenceEqual("leaf_count"u8)
            || name.SequenceEqual("internal_value"u8) || name.SequenceEqual("internal_weight"u8) || name.SequenceEqual("internal_count"u8)
            || name.SequenceEqual("shrinkage"u8) ? Key.Ignored : Key.Count;
    }

    private static ReadOnlySpan<byte> NameOf(Key key) => key switch
    {
        Key.Leaves => "num_leaves"u8,
        Key.Categoricals => "num_cat"u8,
        Key.SplitFeature => "split_feature"u8,
        Key.Threshold => "threshold"u8,
        Key.DecisionType => "decision_type"u8,
        Key.LeftChild => "left_child"u8,
        Key.RightChild => "right_child"u8,
        Key.LeafValue => "leaf_value"u8,
        Key.CategoryBoundaries => "cat_boundaries"u8,
        Key.CategoryBits => "cat_threshold"u8,
        Key.IsLinear => "is_linear"u8,
        Key.LeafConstant => "leaf_const"u8,
        Key.LeafFeatureCount => "num_features"u8,
        Key.LeafFeatures => "leaf_features"u8,
        _ => "leaf_coeff"u8,
    };

    private readonly ref struct Fields(ReadOnlySpan<byte> text, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, ReadOnlySpan<int> lines, string source, int line, int number)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private readonly ReadOnlySpan<int> _starts = starts;
        private readonly ReadOnlySpan<int> _lengths = lengths;
        private readonly ReadOnlySpan<int> _lines = lines;

        public Field Optional(Key key) => _starts[(int)key] == Absent
            ? default
            : new Field(source, _lines[(int)key], Encoding.UTF8.GetString(NameOf(key)), _text.Slice(_starts[(int)key], _lengths[(int)key]));

        public Field Required(Key key) => _starts[(int)key] == Absent
            ? throw new ModelFormatException(source, line, $"tree {number} has no {Encoding.UTF8.GetString(NameOf(key))}: the model was cut or edited; save it again with LightGBM.")
            : Optional(key);
    }
}
