using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Kernels;

/// <summary>
/// AVX2 (Haswell, Zen and later): the portable kernel, whose vectors are 256 bits there, with ranks found eight at a time. The upper levels of the
/// search tree are permutes in registers; gathers are slow on many CPUs and serve only the two deepest levels.
/// </summary>
internal sealed unsafe class Avx2Kernel : PortableKernel
{
    public static bool IsSupported => Avx2.IsSupported;

    public override string Name => "avx2";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RankFloats(float* values, RankColumn column, float missingMagnitude, byte* ranks)
    {
        float* tree = column.FloatTree.Pointer;
        int levels = column.Levels;
        var magnitude = Vector256.Create(missingMagnitude);
        var missingRank = Vector256.Create((int)column.MissingRank);
        var firstLeaf = Vector256.Create(1 << levels);
        for (int i = 0; i < BitRows.BlockRows; i += 16)
        {
            Vector256<float> x0 = Vector256.Load(values + i), x1 = Vector256.Load(values + i + 8);
            Vector256<int> node0 = Search(tree, levels, x0), node1 = Search(tree, levels, x1);
            Vector256<int> present0 = Vector256.GreaterThan(Vector256.Abs(x0), magnitude).AsInt32();
            Vector256<int> present1 = Vector256.GreaterThan(Vector256.Abs(x1), magnitude).AsInt32();
            node0 = Vector256.ConditionalSelect(present0, node0 - firstLeaf, missingRank);
            node1 = Vector256.ConditionalSelect(present1, node1 - firstLeaf, missingRank);

            // Packing works within 128-bit lanes, so the quarters are put in order afterwards.
            Vector256<short> words = Avx2.Permute4x64(Avx2.PackSignedSaturate(node0, node1).AsInt64(), 0b11_01_10_00).AsInt16();
            Sse2.PackUnsignedSaturate(words.GetLower(), words.GetUpper()).Store(ranks + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transpose(byte* bytes, byte* planes)
    {
        for (int i = 0; i < BitRows.BlockRows; i += 32)
        {
            Vector256<byte> x = Vector256.Load(bytes + i);
            for (int plane = 7; plane >= 0; plane--)
            {
                *(uint*)(planes + (plane * BitRows.Bytes) + (i / 8)) = x.ExtractMostSignificantBits();
                x += x;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddLeaves(byte* rows, in PlaneOffsets planeRows, int planes, byte* table, double* sums)
    {
        byte* labels = stackalloc byte[32];
        Vector256<byte> spread = Vector256.Create(SpreadBytes), bits = Vector256.Create(0x8040201008040201ul).AsByte();
        for (int i = 0; i < BitRows.BlockRows; i += 32)
        {
            Vector256<byte> label = Vector256<byte>.Zero;
            for (int plane = 0; plane < planes; plane++)
            {
                // Each byte of the mask is spread over eight bytes, which then pick one bit each.
                Vector256<byte> mask = Avx2.Shuffle(Vector256.Create(*(uint*)(rows + planeRows[plane] + (i / 8))).AsByte(), spread);
                label |= Vector256.Equals(mask & bits, bits) & Vector256.Create((byte)(1 << plane));
            }

            label.Store(labels);
            for (int row = 0; row < 32; row += 4) AddFour(labels + row, (double*)table, sums + i + row);
        }
    }

    private static ReadOnlySpan<byte> SpreadBytes =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour(byte* labels, double* table, double* sums)
    {
        Vector128<double> low = Vector128.Create(table[labels[0]], table[labels[1]]), high = Vector128.Create(table[labels[2]], table[labels[3]]);
        (Vector256.Load(sums) + Vector256.Create(low, high)).Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Search(float* tree, int levels, Vector256<float> x)
    {
        Vector256<int> node = Vector256<int>.One;
        Vector256<float> top = Vector256.Load(tree);
        for (int level = Math.Min(levels, 3); level > 0; level--) node = Step(node, Avx2.PermuteVar8x32(top, node), x);
        if (levels > 3) node = Step(node, Avx2.PermuteVar8x32(Vector256.Load(tree + 8), node), x);
        if (levels > 4) node = Step(node, Pick16(tree + 16, node), x);
        if (levels > 5) node = Step(node, Pick32(tree + 32, node), x);
        if (levels > 6) node = Step(node, Avx2.GatherVector256(tree, node, sizeof(float)), x);
        if (levels > 7) node = Step(node, Avx2.GatherVector256(tree, node, sizeof(float)), x);
        return node;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Step(Vector256<int> node, Vector256<float> threshold, Vector256<float> x) =>
        node + node - Vector256.LessThan(threshold, x).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pick16(float* table, Vector256<int> index)
    {
        // Blends choose by the sign bit, so the index bit that selects the half is moved there.
        Vector256<float> upper = (index << 28).AsSingle();
        return Avx.BlendVariable(
            Avx2.PermuteVar8x32(Vector256.Load(table), index), Avx2.PermuteVar8x32(Vector256.Load(table + 8), index), upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pick32(float* table, Vector256<int> index) =>
        Avx.BlendVariable(Pick16(table, index), Pick16(table + 16, index), (index << 27).AsSingle());
}
