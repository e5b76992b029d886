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
    private const int Group = 8;
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
            Span<int> leaves = stackalloc int[Group];
            int output = 0;
            for (int i = 0; i < trees.Length;)
            {
                WalkKind kind = i + Group <= trees.Length ? KindOf(trees.AsSpan(i, Group)) : WalkKind.Linear;
                if (kind != WalkKind.Linear)
                {
                    if (kind == WalkKind.Numeric) WalkNumeric(trees.AsSpan(i, Group), key, leaves);
                    else WalkMixed(trees.AsSpan(i, Group), key, leaves);
                    foreach (int leaf in leaves) Add(_forest.Values.Pointer[leaf], raw, ref output);
                    i += Group;
                    continue;
                }

                Add(trees[i].Kind == WalkKind.Linear ? ScalarKernel.Output(ensemble.Trees[i], row) : Walk(trees[i].Root, key), raw, ref output);
                i++;
            }
        }

        GC.KeepAlive(this);
    }

    private static void Add(double value, Span<double> raw, ref int output)
    {
        raw[output] += value;
        output = output + 1 == raw.Length ? 0 : output + 1;
    }

    /// <summary>The kind of walk that suits all trees of a group.</summary>
    private static WalkKind KindOf(ReadOnlySpan<WalkTree> trees)
    {
        var kind = WalkKind.Numeric;
        foreach (WalkTree tree in trees)
            if (tree.Kind > kind) kind = tree.Kind;
        return kind;
    }

    private double Walk(int node, long* keys)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        uint* sets = _forest.Sets.Pointer;
        for (int next = NextMixed(nodes, node, keys, sets); next != node; next = NextMixed(nodes, node, keys, sets)) node = next;
        return _forest.Values.Pointer[node];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WalkNumeric(ReadOnlySpan<WalkTree> trees, long* keys, Span<int> leaves)
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

        ((ReadOnlySpan<int>)[n0, n1, n2, n3, n4, n5, n6, n7]).CopyTo(leaves);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WalkMixed(ReadOnlySpan<WalkTree> trees, long* keys, Span<int> leaves)
    {
        WalkNode* nodes = _forest.Nodes.Pointer;
        uint* sets = _forest.Sets.Pointer;
        for (int half = 0; half < Group; half += 4)
        {
            int n0 = trees[half].Root, n1 = trees[half + 1].Root, n2 = trees[half + 2].Root, n3 = trees[half + 3].Root;
            int moved;
            do
            {
                int m0 = NextMixed(nodes, n0, keys, sets), m1 = NextMixed(nodes, n1, keys, sets);
                int m2 = NextMixed(nodes, n2, keys, sets), m3 = NextMixed(nodes, n3, keys, sets);
                n0 = NextMixed(nodes, m0, keys, sets);
                n1 = NextMixed(nodes, m1, keys, sets);
                n2 = NextMixed(nodes, m2, keys, sets);
                n3 = NextMixed(nodes, m3, keys, sets);
                moved = (n0 ^ m0) | (n1 ^ m1) | (n2 ^ m2) | (n3 ^ m3);
            }
            while (moved != 0);

            leaves[half] = n0;
            leaves[half + 1] = n1;
            leaves[half + 2] = n2;
            leaves[half + 3] = n3;
        }
    }

    /// <summary>A step from a node of either kind; both conditions are computed, as neither branch could be predicted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int NextMixed(WalkNode* nodes, int node, long* keys, uint* sets)
    {
        WalkNode* at = nodes + node;
        int isCategorical = at->Slot >> 31;
        long key = keys[at->Slot ^ isCategorical];
        long word = (at->Threshold + (key >> 5)) & isCategorical;
        int isOutside = (int)(~(sets[word] >> (int)key) & 1);
        int isAbove = key > at->Threshold ? 1 : 0;
        return at->First + ((isOutside & isCategorical) | (isAbove & ~isCategorical));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(WalkNode* nodes, int node, long* keys)
    {
        WalkNode* at = nodes + node;
        return at->First + (keys[at->Slot] > at->Threshold ? 1 : 0);
    }

    private static long KeyOf(RowKey slot, double value)
    {
        // Category -1, which is none, becomes the largest number and so one that no set can hold.
        if (slot.Words >= 0) return Math.Min((uint)CategoryColumn.CategoryOf(value), (uint)slot.Words * 32);
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
