using System.Collections.Immutable;

namespace Juoku.Forest.Packing;

/// <summary>
/// An ensemble laid out for scoring one row at a time. The two children of a node lie side by side, so that a step is
/// <c>node = first child + condition</c> without a branch; leaves step to themselves. Values and thresholds are compared as integers that
/// order like the doubles, which gives missing values a place below or above everything.
/// </summary>
/// <remarks>
/// The first row of a model waits for this layout, so it is made in two passes over arrays: the first counts what each tree needs, and then
/// no tree depends on another.
/// </remarks>
internal sealed class WalkForest
{
    // Four missing kinds with two directions, and categories.
    private const int KeysPerFeature = 9;
    private const int CategoryKey = 8;

    private readonly int[] _slots;
    private readonly int[] _words;

    public WalkForest(Ensemble ensemble)
    {
        ImmutableArray<Tree> trees = ensemble.Trees;
        _slots = new int[ensemble.FeatureNames.Length * KeysPerFeature];
        _words = WordsByFeature(ensemble);
        Keys = FindKeys(trees);

        Trees = new WalkTree[trees.Length];
        var firstSets = new int[trees.Length];
        int nodes = 0, words = 1;
        for (int i = 0; i < trees.Length; i++)
        {
            WalkKind kind = KindOf(trees[i]);
            Trees[i] = new WalkTree(kind == WalkKind.Linear ? 0 : nodes, kind);
            firstSets[i] = words;
            if (kind == WalkKind.Linear) continue;
            nodes = checked(nodes + trees[i].NodeCount + trees[i].LeafCount);
            if (kind == WalkKind.Mixed) words = checked(words + WordsOf(trees[i]));
        }

        Nodes = new AlignedBuffer<WalkNode>(nodes);
        Values = new AlignedBuffer<double>(nodes);
        Sets = new AlignedBuffer<uint>(words);
        Parallel.For(0, trees.Length, i =>
        {
            if (Trees[i].Kind != WalkKind.Linear) Lay(trees[i], Trees[i].Root, firstSets[i]);
        });
    }

    public WalkTree[] Trees { get; }

    public AlignedBuffer<WalkNode> Nodes { get; }

    /// <summary>Output of each node that is a leaf.</summary>
    public AlignedBuffer<double> Values { get; }

    /// <summary>Bitsets of the categories that nodes send left, as wide for each feature as its widest needs, and a word more.</summary>
    public AlignedBuffer<uint> Sets { get; }

    /// <summary>What to compute from a row before walking, by slot.</summary>
    public RowKey[] Keys { get; }

    /// <summary>Integer that orders like the double; NaN excepted.</summary>
    public static long Order(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        return bits ^ ((bits >> 63) & long.MaxValue);
    }

    /// <summary>Lays the nodes of a tree level after level from <paramref name="root"/> on, and its sets from <paramref name="set"/> on.</summary>
    private void Lay(Tree tree, int root, int set)
    {
        int count = tree.NodeCount + tree.LeafCount;
        Span<WalkNode> nodes = Nodes.Span.Slice(root, count);
        Span<double> values = Values.Span.Slice(root, count);

        // Nodes are given their places in the order they are laid, so the children that wait are a queue.
        var children = new int[count];
        children[0] = tree.NodeCount == 0 ? ~0 : 0;
        for (int at = 0, next = 1; at < count; at++)
        {
            int node = children[at];
            if (node < 0)
            {
                nodes[at] = new WalkNode(long.MaxValue, 0, root + at);
                values[at] = tree.LeafValue[~node];
                continue;
            }

            int slot = _slots[PlaceOf(tree, node)];
            if (tree.Decisions[node].IsCategorical)
            {
                nodes[at] = new WalkNode(set, ~slot, root + next);
                tree.CategoriesLeft(node).CopyTo(Sets.Span[set..]);
                set += _words[tree.SplitFeature[node]] + 1;
            }
            else
            {
                nodes[at] = new WalkNode(Order(RankColumn.Normalize(tree.Threshold[node])), slot, root + next);
            }

            children[next++] = tree.LeftChild[node];
            children[next++] = tree.RightChild[node];
        }
    }

    /// <summary>Gives each kind of look at a feature a slot, in the order in which trees need them.</summary>
    private RowKey[] FindKeys(ImmutableArray<Tree> trees)
    {
        const int None = -1;
        Array.Fill(_slots, None);
        var keys = new List<RowKey>();
        foreach (Tree tree in trees)
        {
            if (!tree.LinearLeaves.IsEmpty) continue;
            for (int node = 0; node < tree.NodeCount; node++)
            {
                ref int slot = ref _slots[PlaceOf(tree, node)];
                if (slot != None) continue;
                slot = keys.Count;
                int feature = tree.SplitFeature[node];
                keys.Add(tree.Decisions[node].IsCategorical ? RowKey.OfCategory(feature, _words[feature]) : RowKey.Of(tree, node));
            }
        }

        return [.. keys];
    }

    private static int PlaceOf(Tree tree, int node)
    {
        Decision decision = tree.Decisions[node];
        int look = decision.IsCategorical ? CategoryKey : ((int)decision.Missing * 2) + (decision.DefaultLeft ? 1 : 0);
        return (tree.SplitFeature[node] * KeysPerFeature) + look;
    }

    private static WalkKind KindOf(Tree tree) =>
        !tree.LinearLeaves.IsEmpty ? WalkKind.Linear : tree.CategoryBoundaries.IsEmpty ? WalkKind.Numeric : WalkKind.Mixed;

    private static int[] WordsByFeature(Ensemble ensemble)
    {
        var words = new int[ensemble.FeatureNames.Length];
        foreach (Tree tree in ensemble.Trees)
        {
            if (KindOf(tree) != WalkKind.Mixed) continue;
            for (int node = 0; node < tree.NodeCount; node++)
            {
                if (!tree.Decisions[node].IsCategorical) continue;
                ref int widest = ref words[tree.SplitFeature[node]];
                widest = Math.Max(widest, tree.CategoriesLeft(node).Length);
            }
        }

        return words;
    }

    private int WordsOf(Tree tree)
    {
        int words = 0;
        for (int node = 0; node < tree.NodeCount; node++)
            if (tree.Decisions[node].IsCategorical) words = checked(words + _words[tree.SplitFeature[node]] + 1);
        return words;
    }
}

/// <summary>
/// One node: rows whose key in <paramref name="Slot"/> is above <paramref name="Threshold"/> step to <paramref name="First"/> + 1, others to
/// <paramref name="First"/>. Categorical nodes have the complement of their slot, and instead of a threshold the first word of their set.
/// </summary>
internal readonly record struct WalkNode(long Threshold, int Slot, int First);

/// <summary>Root of a tree, and how to walk it.</summary>
internal readonly record struct WalkTree(int Root, WalkKind Kind);

/// <summary>What a tree's nodes and leaves are like.</summary>
internal enum WalkKind
{
    /// <summary>Every node compares.</summary>
    Numeric,

    /// <summary>Some nodes test for categories.</summary>
    Mixed,

    /// <summary>Leaves are linear models; not laid out, but scored by the definition.</summary>
    Linear,
}

/// <summary>
/// A feature's value as nodes see it: a number with this kind of missing and default direction, or, where <paramref name="Words"/> is not negative, a
/// category, of which those that no set of so many words can hold are alike.
/// </summary>
internal readonly record struct RowKey(int Feature, MissingKind Missing, bool DefaultLeft, int Words)
{
    public static RowKey Of(Tree tree, int node) => new(tree.SplitFeature[node], tree.Decisions[node].Missing, tree.Decisions[node].DefaultLeft, -1);

    public static RowKey OfCategory(int feature, int words) => new(feature, MissingKind.None, DefaultLeft: false, words);
}
