namespace Juoku.Forest.Packing;

/// <summary>
/// An ensemble laid out for scoring one row at a time. The two children of a node lie side by side, so that a step is
/// <c>node = first child + (key &gt; threshold)</c> without a branch; leaves step to themselves. Values and thresholds are compared as integers that
/// order like the doubles, which gives missing values a place below or above everything.
/// </summary>
internal sealed class WalkForest
{
    private readonly List<WalkNode> _nodes = [];
    private readonly List<double> _values = [];
    private readonly Dictionary<RowKey, int> _slots = [];

    public WalkForest(Ensemble ensemble)
    {
        Trees = [.. ensemble.Trees.Select(Lay)];
        Nodes = AlignedBuffer<WalkNode>.Of([.. _nodes]);
        Values = AlignedBuffer<double>.Of([.. _values]);
        Keys = [.. _slots.OrderBy(entry => entry.Value).Select(entry => entry.Key)];
    }

    public WalkTree[] Trees { get; }

    public AlignedBuffer<WalkNode> Nodes { get; }

    /// <summary>Output of each node that is a leaf.</summary>
    public AlignedBuffer<double> Values { get; }

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
        int root = _nodes.Count;
        bool isNumeric = tree.LinearLeaves.IsEmpty && !tree.Decisions.Any(decision => decision.IsCategorical);
        if (!isNumeric) return new WalkTree(root, IsWalkable: false);

        Add();
        var pending = new Queue<(int Child, int At)>();
        pending.Enqueue((tree.NodeCount == 0 ? ~0 : 0, root));
        while (pending.TryDequeue(out (int Child, int At) item))
        {
            if (item.Child < 0)
            {
                _nodes[item.At] = new WalkNode(long.MaxValue, 0, item.At);
                _values[item.At] = tree.LeafValue[~item.Child];
                continue;
            }

            int left = _nodes.Count;
            Add();
            Add();
            Decision decision = tree.Decisions[item.Child];
            var key = new RowKey(tree.SplitFeature[item.Child], decision.Missing, decision.DefaultLeft);
            if (!_slots.TryGetValue(key, out int slot)) _slots[key] = slot = _slots.Count;
            _nodes[item.At] = new WalkNode(Order(RankColumn.Normalize(tree.Threshold[item.Child])), slot, left);
            pending.Enqueue((tree.LeftChild[item.Child], left));
            pending.Enqueue((tree.RightChild[item.Child], left + 1));
        }

        return new WalkTree(root, IsWalkable: true);
    }

    private void Add()
    {
        _nodes.Add(default);
        _values.Add(0);
    }
}

/// <summary>One node: rows with a key above <paramref name="Threshold"/> step to <paramref name="First"/> + 1, others to <paramref name="First"/>.</summary>
internal readonly record struct WalkNode(long Threshold, int Slot, int First);

/// <summary>Root of a tree; trees with categories or linear leaves are not laid out but walked by the definition.</summary>
internal readonly record struct WalkTree(int Root, bool IsWalkable);

/// <summary>A feature's value as nodes with this kind of missing and default direction see it.</summary>
internal readonly record struct RowKey(int Feature, MissingKind Missing, bool DefaultLeft);
