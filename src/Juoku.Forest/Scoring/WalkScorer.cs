using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>
/// Raw scores of single rows. Eight trees are walked side by side until all have reached a leaf: the steps are independent and free of
/// branches, so the CPU overlaps their memory accesses and mispredicts only the end.
/// </summary>
internal sealed unsafe class WalkScorer(Ensemble ensemble) : RowScorer
{
    private const int StackKeys = 512;

    private readonly WalkForest _forest = new(ensemble);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(ReadOnlySpan<double> row, Span<double> raw)
    {
        RowKey[] slots = _forest.Keys;
        Span<long> keys = slots.Length <= StackKeys ? stackalloc long[StackKeys] : new long[slots.Length];
        for (int i = 0; i < slots.Length; i++) keys[i] = KeyOf(slots[i], row[slots[i].Feature]);

        raw.Clear();
        fixed (long* key = keys)
        {
            WalkTree[] trees = _forest.Trees;
            int output = 0;
            for (int i = 0; i < trees.Length;)
            {
                if (i + 8 <= trees.Length && AreNumeric(trees.AsSpan(i, 8)))
                {
                    AddEight(trees.AsSpan(i, 8), key, raw, ref output);
                    i += 8;
                    continue;
                }

                raw[output] += trees[i].Kind switch
                {
                    WalkKind.Numeric => Walk(trees[i], key),
                    WalkKind.Mixed => WalkMixed(trees[i].Root, ensemble.Trees[i], key, row),
                    _ => ScalarKernel.Output(ensemble.Trees[i], row),
                };
                output = output + 1 == raw.Length ? 0 : output + 1;
                i++;
            }
        }

        GC.KeepAlive(this);
    }

    private static bool AreNumeric(ReadOnlySpan<WalkTree> trees)
    {
        foreach (WalkTree tree in trees)
            if (tree.Kind != WalkKind.Numeric) return false;
        return true;
    }

    private double Walk(WalkTree tree, long* keys)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        int node = tree.Root;
        for (int next = Next(nodes, node, keys); next != node; next = Next(nodes, node, keys)) node = next;
        return _forest.Values.Pointer[node];
    }

    private double WalkMixed(int root, Tree tree, long* keys, ReadOnlySpan<double> row)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        for (int node = root; ;)
        {
            WalkNode* at = nodes + node;
            int next = at->Slot >= 0 ? Next(nodes, node, keys)
                : at->First + (CategoryColumn.Contains(tree.CategoriesLeft((int)at->Threshold), row[~at->Slot]) ? 0 : 1);
            if (next == node) return _forest.Values.Pointer[node];
            node = next;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddEight(ReadOnlySpan<WalkTree> trees, long* keys, Span<double> raw, ref int output)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        int n0 = trees[0].Root, n1 = trees[1].Root, n2 = trees[2].Root, n3 = trees[3].Root;
        int n4 = trees[4].Root, n5 = trees[5].Root, n6 = trees[6].Root, n7 = trees[7].Root;
        int moved;
        do
        {
            // Two steps between tests: leaves lead to themselves, so a step too many does no harm.
            int m0 = Next(nodes, n0, keys), m1 = Next(nodes, n1, keys), m2 = Next(nodes, n2, keys), m3 = Next(nodes, n3, keys);
            int m4 = Next(nodes, n4, keys), m5 = Next(nodes, n5, keys), m6 = Next(nodes, n6, keys), m7 = Next(nodes, n7, keys);
            n0 = Next(nodes, m0, keys);
            n1 = Next(nodes, m1, keys);
            n2 = Next(nodes, m2, keys);
            n3 = Next(nodes, m3, keys);
            n4 = Next(nodes, m4, keys);
            n5 = Next(nodes, m5, keys);
            n6 = Next(nodes, m6, keys);
            n7 = Next(nodes, m7, keys);
            moved = (n0 ^ m0) | (n1 ^ m1) | (n2 ^ m2) | (n3 ^ m3) | (n4 ^ m4) | (n5 ^ m5) | (n6 ^ m6) | (n7 ^ m7);
        }
        while (moved != 0);

        double* values = _forest.Values.Pointer;
        foreach (int leaf in (ReadOnlySpan<int>)[n0, n1, n2, n3, n4, n5, n6, n7])
        {
            raw[output] += values[leaf];
            output = output + 1 == raw.Length ? 0 : output + 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(WalkNode* nodes, int node, long* keys)
    {
        WalkNode* at = nodes + node;
        return at->First + (keys[at->Slot] > at->Threshold ? 1 : 0);
    }

    private static long KeyOf(RowKey slot, double value)
    {
        bool isZero = Math.Abs(value) <= ScalarKernel.ZeroThreshold;
        if (isZero) value = 0;
        bool isMissing = slot.Missing switch
        {
            MissingKind.NaN => double.IsNaN(value),
            MissingKind.Zero => isZero || double.IsNaN(value),
            _ => false,
        };
        if (isMissing) return slot.DefaultLeft ? long.MinValue : long.MaxValue;
        return double.IsNaN(value) ? 0 : WalkForest.Order(value);
    }
}
