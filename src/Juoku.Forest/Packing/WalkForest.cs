using System.Runtime.InteropServices;

namespace Juoku.Forest.Packing;

/// <summary>
/// An ensemble laid out for scoring one row at a time. The two children of a node lie side by side, so that a step is
/// <c>node = first child + condition</c> without a branch; leaves step to themselves. Values and thresholds are compared as integers that
/// order like the doubles, which gives missing values a place below or above everything.
/// </summary>
internal sealed class WalkForest
{
    private readonly List<WalkNode> _nodes = [];
    private readonly List<double> _values = [];
    private readonly Dictionary<RowKey, int> _slots = [];
    private readonly List<uint> _sets = [0];
    private readonly Dictionary<int, int> _words = [];

    public WalkForest(Ensemble ensemble)
    {
        FindWords(ensemble);
        Trees = [.. ensemble.Trees.Select(Lay)];
        Sets = AlignedBuffer<uint>.Of(CollectionsMarshal.AsSpan(_sets));
        Nodes = AlignedBuffer<WalkNode>.Of(CollectionsMarshal.AsSpan(_nodes));
        Values = AlignedBuffer<double>.Of(CollectionsMarshal.AsSpan(_values));
        Keys = [.. _slots.OrderBy(entry => entry.Value).Select(entry => entry.Key)];
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

    private WalkTree Lay(Tree tree)
    {
        if (!tree.LinearLeaves.IsEmpty) return new WalkTree(0, WalkKind.Linear);

        int root = _nodes.Count;
        Add();
        var pending = new Queue<(int Child, int At)>();
        pending.Enqueue((tree.NodeCount == 0 ? ~0 : 0, root));
        var kind = WalkKind.Numeric;
        while (pending.TryDequeue(out (int Child, int At) item))
        {
            if (item.Child < 0)
            {
                _nodes[item.At] = new WalkNode(long.MaxValue, 0, item.At);
                _values[item.At] = tree.LeafValue[~item.Child];
                continue;
            }

            int first = _nodes.Count;
            Add();
            Add();
            bool isCategorical = tree.Decisions[item.Child].IsCategorical;
            if (isCategorical) kind = WalkKind.Mixed;
            _nodes[item.At] = isCategorical
                ? new WalkNode(SetOf(tree, item.Child), ~SlotOf(RowKey.OfCategory(tree.SplitFeature[item.Child], _words[tree.SplitFeature[item.Child]])), first)
                : new WalkNode(Order(RankColumn.Normalize(tree.Threshold[item.Child])), SlotOf(RowKey.Of(tree, item.Child)), first);
            pending.Enqueue((tree.LeftChild[item.Child], first));
            pending.Enqueue((tree.RightChild[item.Child], first + 1));
        }

        return new WalkTree(root, kind);
    }

    private int SlotOf(RowKey key)
    {
        if (!_slots.TryGetValue(key, out int slot)) _slots[key] = slot = _slots.Count;
        return slot;
    }

    /// <summary>By feature, the words of its widest set.</summary>
    private void FindWords(Ensemble ensemble)
    {
        foreach (Tree tree in ensemble.Trees)
        {
            for (int node = 0; node < tree.NodeCount; node++)
            {
                if (!tree.Decisions[node].IsCategorical) continue;
                int feature = tree.SplitFeature[node];
                _words[feature] = Math.Max(_words.GetValueOrDefault(feature), tree.CategoriesLeft(node).Length);
            }
        }
    }

    private int SetOf(Tree tree, int node)
    {
        int first = _sets.Count;
        ReadOnlySpan<uint> set = tree.CategoriesLeft(node);
        _sets.AddRange(set);
        for (int i = set.Length; i <= _words[tree.SplitFeature[node]]; i++) _sets.Add(0);
        return first;
    }

    private void Add()
    {
        _nodes.Add(default);
        _values.Add(0);
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
