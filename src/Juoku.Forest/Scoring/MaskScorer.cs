using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>Raw scores of single rows by condition masks (<see cref="MaskForest"/>); eight trees are walked side by side.</summary>
internal sealed unsafe class MaskScorer(MaskForest forest, NumericConditions conditions, Kernel kernel) : RowScorer
{
    private const int Group = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(ReadOnlySpan<double> row, Span<double> raw)
    {
        byte* ranks = stackalloc byte[MaskForest.MaxSlots];
        MaskSlot[] slots = forest.Slots;
        for (int i = 0; i < slots.Length; i++)
        {
            RankColumn column = conditions.Columns[slots[i].Column];
            ranks[i] = column.RankOf(row[column.Feature], slots[i].MissingLow);
        }

        raw.Clear();
        ulong* masks = stackalloc ulong[64 * Group];
        int trees = forest.Values.Length / MaskForest.MaxLeaves, output = 0;
        for (int first = 0; first < trees; first += 64 * Group)
        {
            int count = Math.Min(64 * Group, trees - first);
            kernel.CompareNodes(ranks, forest.Nodes.Pointer + ((long)first * MaskForest.NodeBytes), count, masks);
            for (int i = 0; i < count; i += Group) AddGroup(first + i, Math.Min(Group, count - i), masks + i, raw, ref output);
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddGroup(int first, int count, ulong* masks, Span<double> raw, ref int output)
    {
        byte* table = forest.Children.Pointer + ((long)first * MaskForest.ChildBytes);
        byte* leaves = stackalloc byte[Group];
        if (count == Group) WalkEight(table, masks, leaves);
        else for (int i = 0; i < count; i++) leaves[i] = Walk(table + (i * MaskForest.ChildBytes), masks[i]);

        double* values = forest.Values.Pointer + ((long)first * MaskForest.MaxLeaves);
        for (int i = 0; i < count; i++, values += MaskForest.MaxLeaves)
        {
            raw[output] += values[leaves[i] - MaskForest.MaxLeaves];
            output = output + 1 == raw.Length ? 0 : output + 1;
        }
    }

    private static byte Walk(byte* table, ulong mask)
    {
        uint node = 0;
        do node = Next(table, mask, node);
        while (node < MaskForest.MaxLeaves);
        return (byte)node;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WalkEight(byte* table, ulong* masks, byte* leaves)
    {
        byte* t0 = table, t1 = t0 + 256, t2 = t1 + 256, t3 = t2 + 256, t4 = t3 + 256, t5 = t4 + 256, t6 = t5 + 256, t7 = t6 + 256;
        uint n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0, n6 = 0, n7 = 0;
        do
        {
            // Two steps between tests: leaves lead to themselves, so a step too many does no harm.
            for (int step = 0; step < 2; step++)
            {
                n0 = Next(t0, masks[0], n0);
                n1 = Next(t1, masks[1], n1);
                n2 = Next(t2, masks[2], n2);
                n3 = Next(t3, masks[3], n3);
                n4 = Next(t4, masks[4], n4);
                n5 = Next(t5, masks[5], n5);
                n6 = Next(t6, masks[6], n6);
                n7 = Next(t7, masks[7], n7);
            }
        }
        while ((n0 & n1 & n2 & n3 & n4 & n5 & n6 & n7) < MaskForest.MaxLeaves);

        leaves[0] = (byte)n0;
        leaves[1] = (byte)n1;
        leaves[2] = (byte)n2;
        leaves[3] = (byte)n3;
        leaves[4] = (byte)n4;
        leaves[5] = (byte)n5;
        leaves[6] = (byte)n6;
        leaves[7] = (byte)n7;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Next(byte* table, ulong mask, uint node) => table[(node * 2) + (uint)((mask >> (int)node) & 1)];
}
