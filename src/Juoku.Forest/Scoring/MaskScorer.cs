using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>Raw scores of single rows by leaf masks (<see cref="MaskForest"/>).</summary>
internal sealed unsafe class MaskScorer(MaskForest forest, Kernel kernel) : RowScorer
{
    // Few enough that the CPU adds the leaves of one chunk while it looks for those of the next.
    private const int Chunk = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(ReadOnlySpan<double> row, Span<double> raw)
    {
        byte* ranks = stackalloc byte[MaskForest.MaxSlots];
        fixed (double* values = row) kernel.RankRow(values, forest.Slots.Pointer, forest.Slots.Length, forest.Searches.Pointer, ranks);
        long* leaves = stackalloc long[Chunk];
        byte* trees = forest.Trees.Pointer;
        double* outputs = forest.Values.Pointer;
        int count = forest.TreeCount, output = 0;
        raw.Clear();
        double sum = 0;
        for (int first = 0; first < count; first += Chunk)
        {
            int size = Math.Min(Chunk, count - first);
            kernel.FindLeaves(ranks, trees, (size + MaskForest.Group - 1) & -MaskForest.Group, leaves);

            // With one output the sum stays in a register: a chain of additions through memory would take longer than the search.
            if (raw.Length == 1) for (int i = 0; i < size; i++) sum += outputs[(i * MaskForest.MaxLeaves) + leaves[i]];
            else for (int i = 0; i < size; i++, output++) raw[output % raw.Length] += outputs[(i * MaskForest.MaxLeaves) + leaves[i]];
            trees += Chunk * MaskForest.TreeBytes;
            outputs += Chunk * MaskForest.MaxLeaves;
        }

        if (raw.Length == 1) raw[0] = sum;
        GC.KeepAlive(this);
    }
}
