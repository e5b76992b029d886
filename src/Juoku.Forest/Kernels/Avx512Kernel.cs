using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Juoku.Forest.Packing;
using V = System.Runtime.Intrinsics.Vector512<byte>;

namespace Juoku.Forest.Kernels;

/// <summary>
/// AVX-512 without VBMI (Skylake-X, Cascade Lake). A bit row is one register; ranks are found by permutes in a search tree that stays in
/// registers; leaf values are gathered.
/// </summary>
internal unsafe class Avx512Kernel : Kernel
{
    public static bool IsSupported => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported;

    public override string Name => "avx512";

    public override bool EmitsCode => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RankFloats(float* values, RankColumn column, float missingMagnitude, byte* ranks)
    {
        float* tree = column.FloatTree.Pointer;
        int levels = column.Levels;
        var magnitude = Vector512.Create(missingMagnitude);
        var missingRank = Vector512.Create((int)column.MissingRank);
        var firstLeaf = Vector512.Create(1 << levels);
        Vector512<float> a = Vector512.Load(tree), b = Vector512.Load(tree + 16);
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            // Four searches side by side hide the latency of a step.
            Vector512<float> x0 = Vector512.Load(values + i), x1 = Vector512.Load(values + i + 16);
            Vector512<float> x2 = Vector512.Load(values + i + 32), x3 = Vector512.Load(values + i + 48);
            Vector512<int> node0 = Vector512<int>.One, node1 = node0, node2 = node0, node3 = node0;
            for (int level = Math.Min(levels, 5); level > 0; level--)
            {
                node0 = Step(node0, Avx512F.PermuteVar16x32x2(a, node0, b), x0);
                node1 = Step(node1, Avx512F.PermuteVar16x32x2(a, node1, b), x1);
                node2 = Step(node2, Avx512F.PermuteVar16x32x2(a, node2, b), x2);
                node3 = Step(node3, Avx512F.PermuteVar16x32x2(a, node3, b), x3);
            }

            if (levels > 5)
            {
                Vector512<float> c = Vector512.Load(tree + 32), d = Vector512.Load(tree + 48);
                node0 = Step(node0, Avx512F.PermuteVar16x32x2(c, node0, d), x0);
                node1 = Step(node1, Avx512F.PermuteVar16x32x2(c, node1, d), x1);
                node2 = Step(node2, Avx512F.PermuteVar16x32x2(c, node2, d), x2);
                node3 = Step(node3, Avx512F.PermuteVar16x32x2(c, node3, d), x3);
            }

            if (levels > 6)
            {
                node0 = Step(node0, Pick64(tree + 64, node0), x0);
                node1 = Step(node1, Pick64(tree + 64, node1), x1);
                node2 = Step(node2, Pick64(tree + 64, node2), x2);
                node3 = Step(node3, Pick64(tree + 64, node3), x3);
            }

            if (levels > 7)
            {
                node0 = Step(node0, Pick128(tree + 128, node0), x0);
                node1 = Step(node1, Pick128(tree + 128, node1), x1);
                node2 = Step(node2, Pick128(tree + 128, node2), x2);
                node3 = Step(node3, Pick128(tree + 128, node3), x3);
            }

            StoreRanks(node0, x0, ranks + i);
            StoreRanks(node1, x1, ranks + i + 16);
            StoreRanks(node2, x2, ranks + i + 32);
            StoreRanks(node3, x3, ranks + i + 48);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void StoreRanks(Vector512<int> node, Vector512<float> x, byte* target)
        {
            Vector512<int> present = Vector512.GreaterThan(Vector512.Abs(x), magnitude).AsInt32();
            Avx512F.ConvertToVector128Byte(Vector512.ConditionalSelect(present, node - firstLeaf, missingRank)).Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool RoundDown(double* values, float missingMagnitude, float* floats)
    {
        var magnitude = Vector512.Create((double)missingMagnitude);
        var missing = Vector512.Create(double.NaN);
        var differs = Vector512<long>.Zero;
        for (int i = 0; i < BitRows.BlockRows; i += 8)
        {
            Vector512<double> x = Vector512.Load(values + i);
            x = Vector512.ConditionalSelect(Vector512.GreaterThan(Vector512.Abs(x), magnitude), x, missing);
            Vector256<float> rounded = Avx512F.ConvertToVector256Single(x, FloatRoundingMode.ToNegativeInfinity);
            differs |= Vector512.LessThan(Avx512F.ConvertToVector512Double(rounded), x).AsInt64();
            rounded.Store(floats + i);
        }

        return differs == Vector512<long>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transpose(byte* bytes, byte* planes)
    {
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            V x = Vector512.Load(bytes + i);
            for (int plane = 7; plane >= 0; plane--)
            {
                *(ulong*)(planes + (plane * BitRows.Bytes) + (i / 8)) = x.ExtractMostSignificantBits();
                x += x;
            }
        }
    }

    /// <remarks>
    /// The ranks' bits form a tree of prefixes. <c>scratch</c> holds, for each prefix of a level, the rows whose rank begins with it; such rows with a
    /// next bit of 1 are above the middle of the prefix's range, as are all rows above its end. The last two levels are done at once.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compare(byte* planes, int bits, int count, byte* rows, byte* scratch)
    {
        V.AllBitsSet.Store(scratch);
        int level = 0;
        for (; level < bits - 2; level++) CompareLevel(planes + ((bits - 1 - level) * BitRows.Bytes), level, 1 << (bits - level), count, rows, scratch);
        if (bits >= 2) CompareLastTwo(planes, level, count, rows, scratch);
        else Vector512.Load(planes).Store(rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CompareLevel(byte* planeRow, int level, int range, int count, byte* rows, byte* scratch)
    {
        V plane = Vector512.Load(planeRow);
        int prefix = Math.Min((1 << level) - 1, count / range);
        byte* row = rows + (((prefix * range) + (range / 2) - 1) * BitRows.Bytes);
        byte* prefixes = scratch + (prefix * BitRows.Bytes), next = prefixes + (prefix * BitRows.Bytes);
        int half = range / 2 * BitRows.Bytes;
        for (int end = (prefix + 1) * range; end > 0; end -= range)
        {
            V equal = Vector512.Load(prefixes);
            V upper = equal & plane;
            if (end <= count) (Vector512.Load(row + half) | upper).Store(row);
            else if (end - (range / 2) <= count) upper.Store(row);
            Vector512.AndNot(equal, plane).Store(next);
            upper.Store(next + BitRows.Bytes);
            prefixes -= BitRows.Bytes;
            next -= 2 * BitRows.Bytes;
            row -= 2 * half;
        }
    }

    /// <summary>Four ranks a prefix: three conditions from its two remaining bits, and the one above its end, which is there already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CompareLastTwo(byte* planes, int level, int count, byte* rows, byte* scratch)
    {
        V low = Vector512.Load(planes), high = Vector512.Load(planes + BitRows.Bytes);
        int prefix = Math.Min((1 << level) - 1, count / 4);
        byte* prefixes = scratch + (prefix * BitRows.Bytes), row = rows + (prefix * 4 * BitRows.Bytes);
        for (int first = prefix * 4; first >= 0; first -= 4)
        {
            V equal = Vector512.Load(prefixes);
            V above = first + 4 <= count ? Vector512.Load(row + (3 * BitRows.Bytes)) : V.Zero;
            V upper = equal & high, lower = Vector512.AndNot(equal, high);
            V middle = above | upper;
            if (first + 3 <= count) (above | (upper & low)).Store(row + (2 * BitRows.Bytes));
            if (first + 2 <= count) middle.Store(row + BitRows.Bytes);
            if (first + 1 <= count) (middle | (lower & low)).Store(row);
            prefixes -= BitRows.Bytes;
            row -= 4 * BitRows.Bytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MissingLeft(byte* rows, LeftVariant* variants, int count)
    {
        for (LeftVariant* variant = variants; variant < variants + count; variant++)
            Vector512.AndNot(Vector512.Load(rows + variant->Source), Vector512.Load(rows + variant->Missing)).Store(rows + variant->Target);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LookUp(byte* codes, byte* table, bool adds, byte* target)
    {
        if (adds) for (int i = 0; i < BitRows.BlockRows; i++) target[i] |= table[codes[i]];
        else for (int i = 0; i < BitRows.BlockRows; i++) target[i] = table[codes[i]];
    }

    /// <remarks>Half registers: a plane is read soon after it is written, and forwarding 64 bytes from store to load is slow (see docs/performance.md).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Select(byte* rows, MuxOp* ops, int count)
    {
        for (MuxOp* op = ops; op < ops + count; op++)
        {
            byte* condition = rows + op->Condition, one = rows + op->One, zero = rows + op->Zero, target = rows + op->Target;
            Vector256<byte> low = Vector256.ConditionalSelect(Vector256.Load(condition), Vector256.Load(one), Vector256.Load(zero));
            Vector256<byte> high = Vector256.ConditionalSelect(Vector256.Load(condition + 32), Vector256.Load(one + 32), Vector256.Load(zero + 32));
            low.Store(target);
            high.Store(target + 32);
        }
    }

    public override int LeafTableBytes(int planes) => sizeof(double) << (planes <= 4 ? 4 : Math.Max(6, planes));

    public override void PackLeaves(ReadOnlySpan<double> values, Span<byte> table) =>
        values.CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(table));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddLeaves(byte* rows, in PlaneOffsets planeRows, int planes, byte* table, double* sums)
    {
        byte* labels = stackalloc byte[64];
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            V label = V.Zero;
            for (int plane = 0; plane < planes; plane++)
            {
                ulong mask = *(ulong*)(rows + planeRows[plane] + (i / 8));
                label |= Expand(mask) & Vector512.Create((byte)(1 << plane));
            }

            label.Store(labels);
            if (planes <= 4) AddUpTo16(labels, (double*)table, sums + i);
            else if (planes <= 6) AddUpTo64(labels, (double*)table, sums + i);
            else AddGathered(labels, (double*)table, sums + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUpTo16(byte* labels, double* table, double* sums)
    {
        Vector512<double> t0 = Vector512.Load(table), t1 = Vector512.Load(table + 8);
        for (int i = 0; i < 64; i += 8)
        {
            Vector512<long> index = Avx512F.ConvertToVector512Int64(Vector128.CreateScalarUnsafe(*(ulong*)(labels + i)).AsByte());
            (Vector512.Load(sums + i) + Avx512F.PermuteVar8x64x2(t0, index, t1)).Store(sums + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUpTo64(byte* labels, double* table, double* sums)
    {
        Vector512<double> t0 = Vector512.Load(table), t1 = Vector512.Load(table + 8), t2 = Vector512.Load(table + 16), t3 = Vector512.Load(table + 24);
        Vector512<double> t4 = Vector512.Load(table + 32), t5 = Vector512.Load(table + 40), t6 = Vector512.Load(table + 48), t7 = Vector512.Load(table + 56);
        for (int i = 0; i < 64; i += 8)
        {
            Vector512<long> index = Avx512F.ConvertToVector512Int64(Vector128.CreateScalarUnsafe(*(ulong*)(labels + i)).AsByte());
            Vector512<double> bit4 = Vector512.Equals(index & Vector512.Create(16L), Vector512<long>.Zero).AsDouble();
            Vector512<double> bit5 = Vector512.Equals(index & Vector512.Create(32L), Vector512<long>.Zero).AsDouble();
            Vector512<double> low = Vector512.ConditionalSelect(
                bit4, Avx512F.PermuteVar8x64x2(t0, index, t1), Avx512F.PermuteVar8x64x2(t2, index, t3));
            Vector512<double> high = Vector512.ConditionalSelect(
                bit4, Avx512F.PermuteVar8x64x2(t4, index, t5), Avx512F.PermuteVar8x64x2(t6, index, t7));
            (Vector512.Load(sums + i) + Vector512.ConditionalSelect(bit5, low, high)).Store(sums + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddGathered(byte* labels, double* table, double* sums)
    {
        for (int i = 0; i < 64; i += 4)
        {
            Vector128<int> index = Sse41.ConvertToVector128Int32(Vector128.CreateScalarUnsafe(*(uint*)(labels + i)).AsByte());
            (Vector256.Load(sums + i) + Avx2.GatherVector256(table, index, sizeof(double))).Store(sums + i);
        }
    }

    /// <summary>A byte of ones for each set bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Expand(ulong mask)
    {
        // Each byte of the mask is spread over eight bytes, which then pick one bit each.
        V spread = Avx512BW.Shuffle(Vector512.Create(mask).AsByte(), Vector512.Create(SpreadBytes));
        V bits = Vector512.Create(0x8040201008040201ul).AsByte();
        return Vector512.Equals(spread & bits, bits);
    }

    private static ReadOnlySpan<byte> SpreadBytes =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3,
        4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Step(Vector512<int> node, Vector512<float> threshold, Vector512<float> x)
    {
        Vector512<int> left = node + node;
        return Vector512.ConditionalSelect(Vector512.LessThan(threshold, x).AsInt32(), left + Vector512<int>.One, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pick64(float* table, Vector512<int> index)
    {
        Vector512<float> low = Avx512F.PermuteVar16x32x2(Vector512.Load(table), index, Vector512.Load(table + 16));
        Vector512<float> high = Avx512F.PermuteVar16x32x2(Vector512.Load(table + 32), index, Vector512.Load(table + 48));
        return Vector512.ConditionalSelect(Vector512.Equals(index & Vector512.Create(32), Vector512<int>.Zero).AsSingle(), low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pick128(float* table, Vector512<int> index) =>
        Vector512.ConditionalSelect(
            Vector512.Equals(index & Vector512.Create(64), Vector512<int>.Zero).AsSingle(), Pick64(table, index), Pick64(table + 64, index));
}
