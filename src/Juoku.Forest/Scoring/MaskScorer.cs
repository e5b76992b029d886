using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>Raw scores of single rows by condition masks (<see cref="MaskForest"/>); eight trees are walked side by side.</summary>
internal sealed unsafe class MaskScorer(MaskForest forest, NumericConditions conditions, Kernel kernel) : RowScorer
{
    private const int Group = 8;
    private const int Chunk = 512;

    private readonly RankColumn[] _columns = [.. conditions.Columns];
    private readonly int[] _columnOfSlot = [.. forest.Slots.Select(slot => slot.Column)];
    private readonly byte[] _missingOfSlot = [.. forest.Slots.Select(slot => conditions.Columns[slot.Column].MissingRankFor(slot.MissingLow))];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(ReadOnlySpan<double> row, Span<double> raw)
    {
        byte* ranks = stackalloc byte[MaskForest.MaxSlots];
        Rank(row, ranks);
        ulong* masks = stackalloc ulong[Chunk];
        double* outputs = stackalloc double[Group];
        raw.Clear();
        double sum = 0;
        int trees = forest.Values.Length / MaskForest.MaxLeaves, output = 0;
        for (int first = 0; first < trees; first += Chunk)
        {
            int count = Math.Min(Chunk, trees - first);
            kernel.CompareNodes(ranks, forest.Nodes.Pointer + ((long)first * MaskForest.NodeBytes), count, masks);
            for (int i = 0; i < count; i += Group)
            {
                int size = Math.Min(Group, count - i);
                Walk(first + i, size, masks + i, outputs);

                // With one output the sum stays in a register: a chain of additions through memory would take longer than the walks.
                if (raw.Length == 1) for (int tree = 0; tree < size; tree++) sum += outputs[tree];
                else for (int tree = 0; tree < size; tree++, output++) raw[output % raw.Length] += outputs[tree];
            }
        }

        if (raw.Length == 1) raw[0] = sum;
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Walk(int first, int count, ulong* masks, double* outputs)
    {
        byte* table = forest.Children.Pointer + ((long)first * MaskForest.ChildBytes);
        double* values = forest.Values.Pointer + ((long)first * MaskForest.MaxLeaves);
        if (count == Group)
        {
            WalkEight(table, masks, values, outputs);
            return;
        }

        for (int i = 0; i < count; i++, table += MaskForest.ChildBytes, values += MaskForest.MaxLeaves)
        {
            uint node = 0;
            do node = Next(table, masks[i], node);
            while (node < MaskForest.MaxLeaves);
            outputs[i] = values[node - MaskForest.MaxLeaves];
        }
    }

    /// <summary>Rank of the row's value in each slot; four searches side by side hide each other's latency.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rank(ReadOnlySpan<double> row, byte* ranks)
    {
        const int Missing = -1;
        int* byColumn = stackalloc int[MaskForest.MaxSlots + 4];
        RankColumn[] columns = _columns;
        for (int i = 0; i < columns.Length; i += 4)
        {
            RankColumn c0 = columns[i], c1 = columns[Math.Min(i + 1, columns.Length - 1)];
            RankColumn c2 = columns[Math.Min(i + 2, columns.Length - 1)], c3 = columns[Math.Min(i + 3, columns.Length - 1)];
            double x0 = row[c0.Feature], x1 = row[c1.Feature], x2 = row[c2.Feature], x3 = row[c3.Feature];
            double* t0 = c0.Doubles.Pointer, t1 = c1.Doubles.Pointer, t2 = c2.Doubles.Pointer, t3 = c3.Doubles.Pointer;
            int r0 = 0, r1 = 0, r2 = 0, r3 = 0;
            for (int half = 128; half > 0; half >>= 1)
            {
                r0 += half & -(t0[r0 + half - 1] < x0 ? 1 : 0);
                r1 += half & -(t1[r1 + half - 1] < x1 ? 1 : 0);
                r2 += half & -(t2[r2 + half - 1] < x2 ? 1 : 0);
                r3 += half & -(t3[r3 + half - 1] < x3 ? 1 : 0);
            }

            byColumn[i] = Math.Abs(x0) > c0.MissingMagnitude ? r0 : Missing;
            byColumn[i + 1] = Math.Abs(x1) > c1.MissingMagnitude ? r1 : Missing;
            byColumn[i + 2] = Math.Abs(x2) > c2.MissingMagnitude ? r2 : Missing;
            byColumn[i + 3] = Math.Abs(x3) > c3.MissingMagnitude ? r3 : Missing;
        }

        for (int slot = 0; slot < _columnOfSlot.Length; slot++)
        {
            int rank = byColumn[_columnOfSlot[slot]];
            ranks[slot] = rank == Missing ? _missingOfSlot[slot] : (byte)rank;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WalkEight(byte* table, ulong* masks, double* values, double* outputs)
    {
        uint n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0, n6 = 0, n7 = 0;
        do
        {
            // Two steps between tests: leaves lead to themselves, so a step too many does no harm.
            for (int step = 0; step < 2; step++)
            {
                n0 = Next(table, masks[0], n0);
                n1 = Next(table + 256, masks[1], n1);
                n2 = Next(table + 512, masks[2], n2);
                n3 = Next(table + 768, masks[3], n3);
                n4 = Next(table + 1024, masks[4], n4);
                n5 = Next(table + 1280, masks[5], n5);
                n6 = Next(table + 1536, masks[6], n6);
                n7 = Next(table + 1792, masks[7], n7);
            }
        }
        while ((n0 & n1 & n2 & n3 & n4 & n5 & n6 & n7) < MaskForest.MaxLeaves);

        // Leaves are numbered from 64 in each tree.
        outputs[0] = values[n0 - 64];
        outputs[1] = values[n1];
        outputs[2] = values[n2 + 64];
        outputs[3] = values[n3 + 128];
        outputs[4] = values[n4 + 192];
        outputs[5] = values[n5 + 256];
        outputs[6] = values[n6 + 320];
        outputs[7] = values[n7 + 384];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Next(byte* table, ulong mask, uint node) => table[(node * 2) + (uint)((mask >> (int)node) & 1)];
}
