using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>
/// Raw scores of single rows. Eight trees are walked side by side, each for as many steps as the deepest of them has: the steps are
/// independent and free of branches, so the CPU overlaps their memory accesses and mispredicts nothing.
/// </summary>
internal sealed unsafe class RowScorer(Ensemble ensemble)
{
    private const int StackKeys = 512;

    private readonly WalkForest _forest = new(ensemble);

    /// <summary>Scores one row, values by feature index.</summary>
    public void Score(ReadOnlySpan<double> row, Span<double> raw)
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
                if (i + 8 <= trees.Length && IsWalkable(trees, i, out int depth))
                {
                    AddEight(trees.AsSpan(i, 8), depth, key, raw, ref output);
                    i += 8;
                    continue;
                }

                raw[output] += trees[i].Depth < 0 ? ScalarKernel.Output(ensemble.Trees[i], row) : Walk(trees[i], key);
                output = output + 1 == raw.Length ? 0 : output + 1;
                i++;
            }
        }
    }

    private static bool IsWalkable(WalkTree[] trees, int first, out int depth)
    {
        depth = 0;
        int least = 0;
        for (int i = first; i < first + 8; i++)
        {
            depth = Math.Max(depth, trees[i].Depth);
            least = Math.Min(least, trees[i].Depth);
        }

        return least == 0;
    }

    private double Walk(WalkTree tree, long* keys)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        int node = tree.Root;
        for (int step = 0; step < tree.Depth; step++) node = Next(nodes, node, keys);
        return _forest.Values.Pointer[node];
    }

    private void AddEight(ReadOnlySpan<WalkTree> trees, int depth, long* keys, Span<double> raw, ref int output)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        int n0 = trees[0].Root, n1 = trees[1].Root, n2 = trees[2].Root, n3 = trees[3].Root;
        int n4 = trees[4].Root, n5 = trees[5].Root, n6 = trees[6].Root, n7 = trees[7].Root;
        for (int step = 0; step < depth; step++)
        {
            n0 = Next(nodes, n0, keys);
            n1 = Next(nodes, n1, keys);
            n2 = Next(nodes, n2, keys);
            n3 = Next(nodes, n3, keys);
            n4 = Next(nodes, n4, keys);
            n5 = Next(nodes, n5, keys);
            n6 = Next(nodes, n6, keys);
            n7 = Next(nodes, n7, keys);
        }

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
