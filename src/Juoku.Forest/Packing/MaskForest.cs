namespace Juoku.Forest.Packing;

/// <summary>
/// Small numeric trees laid out for scoring one row: all conditions of a tree are evaluated at once into a mask of 64 bits, and the walk to the
/// leaf is then a chain of table look-ups, <c>node = children[2 · node + bit node of the mask]</c>. Leaves have numbers from 64 and lead to themselves.
/// </summary>
internal sealed class MaskForest
{
    public const int MaxSlots = 128;
    public const int MaxLeaves = 64;
    public const int NodeBytes = 128;
    public const int ChildBytes = 256;

    private readonly NumericConditions _conditions;
    private readonly Dictionary<MaskSlot, int> _slots = [];

    private MaskForest(Ensemble ensemble, NumericConditions conditions)
    {
        _conditions = conditions;
        int trees = ensemble.Trees.Length;
        Nodes = new AlignedBuffer<byte>(trees * NodeBytes);
        Children = new AlignedBuffer<byte>(trees * ChildBytes);
        Values = new AlignedBuffer<double>(trees * MaxLeaves);
        for (int i = 0; i < trees; i++)
        {
            Lay(
                ensemble.Trees[i], Nodes.Span.Slice(i * NodeBytes, NodeBytes),
                Children.Span.Slice(i * ChildBytes, ChildBytes), Values.Span.Slice(i * MaxLeaves, MaxLeaves));
        }

        Slots = [.. _slots.OrderBy(entry => entry.Value).Select(entry => entry.Key)];
    }

    /// <summary>What to rank of a row, by slot.</summary>
    public MaskSlot[] Slots { get; }

    /// <summary>For each tree 64 slots, then 64 thresholds.</summary>
    public AlignedBuffer<byte> Nodes { get; }

    /// <summary>For each tree two children for each of 128 numbers.</summary>
    public AlignedBuffer<byte> Children { get; }

    /// <summary>For each tree the outputs of 64 leaves.</summary>
    public AlignedBuffer<double> Values { get; }

    /// <summary>Lays the ensemble out; null when a tree is too large or not numeric, or the trees look at too many columns.</summary>
    public static MaskForest? TryLay(Ensemble ensemble, Lazy<NumericConditions> conditions)
    {
        bool isSmall = ensemble.Trees.All(tree =>
            tree.LeafCount <= MaxLeaves && tree.LinearLeaves.IsEmpty && !tree.Decisions.Any(decision => decision.IsCategorical));
        if (!isSmall || conditions.Value.Columns.Count > MaxSlots) return null;
        var forest = new MaskForest(ensemble, conditions.Value);
        return forest.Slots.Length <= MaxSlots ? forest : null;
    }

    private void Lay(Tree tree, Span<byte> nodes, Span<byte> children, Span<double> values)
    {
        for (int node = 0; node < tree.NodeCount; node++)
        {
            (int column, int threshold) = _conditions.PlaceOf(tree, node);
            var key = new MaskSlot(column, tree.Decisions[node].DefaultLeft);
            if (!_slots.TryGetValue(key, out int slot)) _slots[key] = slot = _slots.Count;
            nodes[node] = (byte)slot;
            nodes[MaxLeaves + node] = (byte)threshold;
            children[2 * node] = Number(tree.LeftChild[node]);
            children[(2 * node) + 1] = Number(tree.RightChild[node]);
        }

        for (int leaf = 0; leaf < tree.LeafCount; leaf++)
        {
            values[leaf] = tree.LeafValue[leaf];
            children[2 * (MaxLeaves + leaf)] = children[(2 * (MaxLeaves + leaf)) + 1] = (byte)(MaxLeaves + leaf);
        }

        // A tree of one leaf has no node 0 to start from.
        if (tree.NodeCount == 0) children[0] = children[1] = MaxLeaves;
    }

    private static byte Number(int child) => (byte)(child >= 0 ? child : MaxLeaves + ~child);
}

/// <summary>A rank column as nodes with one default direction see it.</summary>
internal readonly record struct MaskSlot(int Column, bool MissingLow);
