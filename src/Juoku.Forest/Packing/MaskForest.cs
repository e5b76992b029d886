using System.Runtime.InteropServices;

namespace Juoku.Forest.Packing;

/// <summary>
/// Small numeric trees laid out for scoring one row without walking: every node whose condition holds, so that it sends the row right, strikes
/// out the leaves under its left child, and of those that remain the leftmost is the row's. (C. Lucchese et al., "QuickScorer: a Fast Algorithm to
/// Rank Documents with Additive Ensembles of Regression Trees", SIGIR 2015; here all nodes are looked at, as a vector holds 64 of them.)
/// </summary>
internal sealed class MaskForest
{
    public const int MaxSlots = 128;
    public const int MaxLeaves = 64;

    /// <summary>Trees are evaluated so many at a time; empty ones make up the number.</summary>
    public const int Group = 8;

    /// <summary>Offset of the thresholds of a tree.</summary>
    public const int Thresholds = 64;

    /// <summary>Offset of the masks of a tree.</summary>
    public const int Masks = 128;

    /// <summary>64 slots, 64 thresholds, 64 masks of 64 bits.</summary>
    public const int TreeBytes = Masks + (MaxLeaves * sizeof(ulong));

    /// <summary>Doubles of a column's search: every sixteenth threshold, then all 256.</summary>
    public const int SearchLength = SearchSteps + 256;

    /// <summary>A search's first look is at so many thresholds, and its second at as many between two of those.</summary>
    public const int SearchSteps = 16;

    private readonly NumericConditions _conditions;
    private readonly Dictionary<(int Column, bool MissingLow), int> _slots = [];

    private MaskForest(Ensemble ensemble, NumericConditions conditions)
    {
        _conditions = conditions;
        TreeCount = ensemble.Trees.Length;
        int room = (TreeCount + Group - 1) / Group * Group;
        Trees = new AlignedBuffer<byte>(room * TreeBytes);
        Values = new AlignedBuffer<double>(room * MaxLeaves);
        for (int i = 0; i < TreeCount; i++) Lay(ensemble.Trees[i], Trees.Span.Slice(i * TreeBytes, TreeBytes), Values.Span.Slice(i * MaxLeaves, MaxLeaves));
        Slots = AlignedBuffer<MaskSlot>.Of([.. _slots.OrderBy(entry => entry.Value).Select(entry => SlotOf(entry.Key.Column, entry.Key.MissingLow))]);
        Searches = new AlignedBuffer<double>(conditions.Columns.Count * SearchLength);
        for (int i = 0; i < conditions.Columns.Count; i++)
        {
            Span<double> search = Searches.Span.Slice(i * SearchLength, SearchLength);
            ReadOnlySpan<double> thresholds = conditions.Columns[i].Doubles.Span;
            for (int step = 0; step < SearchSteps; step++) search[step] = thresholds[(step * SearchSteps) + SearchSteps - 1];
            thresholds.CopyTo(search[SearchSteps..]);
        }
    }

    public int TreeCount { get; }

    /// <summary>What to rank of a row, by slot.</summary>
    public AlignedBuffer<MaskSlot> Slots { get; }

    /// <summary>For each column the thresholds to search.</summary>
    public AlignedBuffer<double> Searches { get; }

    /// <summary>For each tree the slots, thresholds and masks of its nodes.</summary>
    public AlignedBuffer<byte> Trees { get; }

    /// <summary>For each tree the outputs of 64 leaves, from left to right.</summary>
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

    private MaskSlot SlotOf(int index, bool missingLow)
    {
        RankColumn column = _conditions.Columns[index];
        return new MaskSlot(column.Feature, index * SearchLength, column.MissingMagnitude, column.MissingRankFor(missingLow));
    }

    private void Lay(Tree tree, Span<byte> nodes, Span<double> values)
    {
        for (int node = 0; node < tree.NodeCount; node++)
        {
            (int column, int threshold) = _conditions.PlaceOf(tree, node);
            var key = (column, tree.Decisions[node].DefaultLeft);
            if (!_slots.TryGetValue(key, out int slot)) _slots[key] = slot = _slots.Count;
            nodes[node] = (byte)slot;
            nodes[Thresholds + node] = (byte)threshold;
        }

        // Places without a node strike out nothing, whatever their condition says.
        Span<ulong> masks = MemoryMarshal.Cast<byte, ulong>(nodes[Masks..]);
        masks.Fill(ulong.MaxValue);
        const int None = -1;
        var firsts = new int[tree.NodeCount];
        var pending = new Stack<(int Node, int RightOf)>();
        pending.Push((tree.NodeCount == 0 ? ~0 : 0, None));
        int leaves = 0;
        while (pending.TryPop(out (int Node, int RightOf) item))
        {
            // What lies between a node and its right child are the leaves under its left child.
            if (item.RightOf != None) masks[item.RightOf] = ~((1UL << leaves) - (1UL << firsts[item.RightOf]));
            if (item.Node < 0)
            {
                values[leaves++] = tree.LeafValue[~item.Node];
                continue;
            }

            firsts[item.Node] = leaves;
            pending.Push((tree.RightChild[item.Node], item.Node));
            pending.Push((tree.LeftChild[item.Node], None));
        }
    }
}

/// <summary>A rank column as nodes with one default direction see it.</summary>
/// <param name="Feature">Feature to rank.</param>
/// <param name="Search">Offset of its thresholds in <see cref="MaskForest.Searches"/>.</param>
/// <param name="MissingMagnitude">Values no larger than this, and NaN, are missing.</param>
/// <param name="MissingRank">Rank of missing values.</param>
internal readonly record struct MaskSlot(int Feature, int Search, double MissingMagnitude, byte MissingRank);
