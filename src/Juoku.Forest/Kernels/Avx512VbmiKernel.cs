using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Juoku.Forest.Packing;
using V = System.Runtime.Intrinsics.Vector512<byte>;

namespace Juoku.Forest.Kernels;

/// <summary>
/// AVX-512 with VBMI and GFNI (Ice Lake, Zen 4 and later). A bit row is one register. Leaf values are looked up as eight byte planes
/// (a byte permute each) and woven back into doubles; GFNI turns eight bit planes into bytes and back, eight rows at a time.
/// </summary>
internal sealed unsafe class Avx512VbmiKernel : Avx512Kernel
{
    // The affine transform multiplies bit matrices; with these as the constant side it transposes the other one. The first turns eight rows
    // of bits into planes in which the rows run from the highest bit down, the second turns such planes back.
    private const ulong ToPlanes = 0x8040201008040201;
    private const ulong FromPlanes = 0x0102040810204080;

    private static readonly ushort[] Order = WeaveOrder();

    public static new bool IsSupported => Avx512Kernel.IsSupported && Avx512Vbmi.IsSupported && Gfni.V512.IsSupported;

    public override string Name => "avx512vbmi";

    public override ReadOnlySpan<ushort> SumOfRow => Order;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transpose(byte* bytes, byte* planes)
    {
        V toPlanes = Vector512.Create(ToPlanes).AsByte();
        V byPlane = Vector512.Create(BytesOfQwords);
        Vector512<ulong> r0 = Turn(0), r1 = Turn(1), r2 = Turn(2), r3 = Turn(3), r4 = Turn(4), r5 = Turn(5), r6 = Turn(6), r7 = Turn(7);

        // Eight rows of eight quadwords, transposed.
        Vector512<ulong> a0 = Avx512F.UnpackLow(r0, r1), a1 = Avx512F.UnpackHigh(r0, r1), a2 = Avx512F.UnpackLow(r2, r3), a3 = Avx512F.UnpackHigh(r2, r3);
        Vector512<ulong> a4 = Avx512F.UnpackLow(r4, r5), a5 = Avx512F.UnpackHigh(r4, r5), a6 = Avx512F.UnpackLow(r6, r7), a7 = Avx512F.UnpackHigh(r6, r7);
        Weave(a0, a2, a4, a6, 0);
        Weave(a1, a3, a5, a7, 1);

        // The eight bits of each plane of rows 64·group …, plane after plane.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector512<ulong> Turn(int group) =>
            Avx512Vbmi.PermuteVar64x8(Gfni.V512.GaloisFieldAffineTransform(toPlanes, Vector512.Load(bytes + (group * 64)), 0), byPlane).AsUInt64();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Weave(Vector512<ulong> b0, Vector512<ulong> b1, Vector512<ulong> b2, Vector512<ulong> b3, int plane)
        {
            Vector512<ulong> lower = Avx512F.Shuffle4x128(b0, b1, 0b10_00_10_00), upper = Avx512F.Shuffle4x128(b2, b3, 0b10_00_10_00);
            Avx512F.Shuffle4x128(lower, upper, 0b10_00_10_00).AsByte().Store(planes + (plane * 64));
            Avx512F.Shuffle4x128(lower, upper, 0b11_01_11_01).AsByte().Store(planes + ((plane + 4) * 64));
            lower = Avx512F.Shuffle4x128(b0, b1, 0b11_01_11_01);
            upper = Avx512F.Shuffle4x128(b2, b3, 0b11_01_11_01);
            Avx512F.Shuffle4x128(lower, upper, 0b10_00_10_00).AsByte().Store(planes + ((plane + 2) * 64));
            Avx512F.Shuffle4x128(lower, upper, 0b11_01_11_01).AsByte().Store(planes + ((plane + 6) * 64));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LookUp(byte* codes, byte* table, bool adds, byte* target)
    {
        V t0 = Vector512.Load(table), t1 = Vector512.Load(table + 64), t2 = Vector512.Load(table + 128), t3 = Vector512.Load(table + 192);
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            V code = Vector512.Load(codes + i);
            V low = Avx512Vbmi.PermuteVar64x8x2(t0, code, t1), high = Avx512Vbmi.PermuteVar64x8x2(t2, code, t3);
            V found = Vector512.ConditionalSelect(Vector512.LessThan(code.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low);
            (adds ? found | Vector512.Load(target + i) : found).Store(target + i);
        }
    }

    public override bool FindsLeaves => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RankRow(double* row, MaskSlot* slots, int count, double* searches, byte* ranks)
    {
        for (int i = 0; i < count; i++)
        {
            double value = row[slots[i].Feature];
            Vector512<double> values = Vector512.Create(value);
            double* steps = searches + slots[i].Search;
            int below = MaskForest.SearchSteps * Below(steps, values);
            below += Below(steps + MaskForest.SearchSteps + below, values);
            ranks[i] = Math.Abs(value) > slots[i].MissingMagnitude ? (byte)below : slots[i].MissingRank;
        }

        // How many of sixteen sorted thresholds are below the value.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static int Below(double* thresholds, Vector512<double> values) => BitOperations.PopCount(
            (Vector512.LessThan(Vector512.Load(thresholds), values).ExtractMostSignificantBits() << 8)
            | Vector512.LessThan(Vector512.Load(thresholds + 8), values).ExtractMostSignificantBits());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void FindLeaves(byte* ranks, byte* trees, int count, long* leaves)
    {
        V low = Vector512.Load(ranks), high = Vector512.Load(ranks + 64), eight = Vector512.Create(EightTimesEach);
        for (int i = 0; i < count; i += MaskForest.Group, trees += MaskForest.Group * MaskForest.TreeBytes)
        {
            Vector512<ulong> remaining = AndLanes(
                Remaining(trees, low, high, eight), Remaining(trees + MaskForest.TreeBytes, low, high, eight),
                Remaining(trees + (2 * MaskForest.TreeBytes), low, high, eight), Remaining(trees + (3 * MaskForest.TreeBytes), low, high, eight),
                Remaining(trees + (4 * MaskForest.TreeBytes), low, high, eight), Remaining(trees + (5 * MaskForest.TreeBytes), low, high, eight),
                Remaining(trees + (6 * MaskForest.TreeBytes), low, high, eight), Remaining(trees + (7 * MaskForest.TreeBytes), low, high, eight));
            Vector512<ulong> leftmost = remaining & (Vector512<ulong>.Zero - remaining);
            (Vector512.Create(63L) - Avx512CD.LeadingZeroCount(leftmost).AsInt64()).Store(leaves + i);
        }

        // The leaves that the nodes of a tree let stand: those of nodes 8j + l in lane l.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<ulong> Remaining(byte* tree, V low, V high, V eight)
        {
            V rank = Avx512Vbmi.PermuteVar64x8x2(low, Vector512.Load(tree), high);
            V right = Vector512.GreaterThan(rank, Vector512.Load(tree + MaskForest.Thresholds));
            ulong* masks = (ulong*)(tree + MaskForest.Masks);
            Vector512<ulong> stand = Vector512<ulong>.AllBitsSet;
            stand = Strike(stand, masks, right, eight);
            stand = Strike(stand, masks + 8, right, eight + Vector512.Create((byte)8));
            stand = Strike(stand, masks + 16, right, eight + Vector512.Create((byte)16));
            stand = Strike(stand, masks + 24, right, eight + Vector512.Create((byte)24));
            stand = Strike(stand, masks + 32, right, eight + Vector512.Create((byte)32));
            stand = Strike(stand, masks + 40, right, eight + Vector512.Create((byte)40));
            stand = Strike(stand, masks + 48, right, eight + Vector512.Create((byte)48));
            return Strike(stand, masks + 56, right, eight + Vector512.Create((byte)56));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<ulong> Strike(Vector512<ulong> stand, ulong* masks, V right, V nodes)
        {
            const byte AndOrNot = 0xD0; // stand & (mask | ~right)
            return Avx512F.TernaryLogic(stand, Vector512.Load(masks), Avx512Vbmi.PermuteVar64x8(right, nodes).AsUInt64(), AndOrNot);
        }
    }

    /// <summary>The AND of all lanes of each vector, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> AndLanes(
        Vector512<ulong> a0, Vector512<ulong> a1, Vector512<ulong> a2, Vector512<ulong> a3,
        Vector512<ulong> a4, Vector512<ulong> a5, Vector512<ulong> a6, Vector512<ulong> a7)
    {
        return Halves(Halves(Pairs(a0, a1), Pairs(a2, a3)), Halves(Pairs(a4, a5), Pairs(a6, a7)));

        static Vector512<ulong> Pairs(Vector512<ulong> a, Vector512<ulong> b) => Avx512F.UnpackLow(a, b) & Avx512F.UnpackHigh(a, b);

        static Vector512<ulong> Halves(Vector512<ulong> a, Vector512<ulong> b) =>
            Avx512F.Shuffle4x128(a, b, 0b10_00_10_00) & Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
    }

    public override int LeafTableBytes(int planes) => sizeof(double) * Math.Max(64, 1 << planes);

    public override void PackLeaves(ReadOnlySpan<double> values, Span<byte> table)
    {
        int stride = table.Length / sizeof(double);
        for (int label = 0; label < values.Length; label++)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(values[label]);
            for (int plane = 0; plane < sizeof(double); plane++) table[(plane * stride) + label] = (byte)(bits >> (8 * plane));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddLeaves(byte* rows, in PlaneOffsets planeRows, int planes, byte* table, double* sums)
    {
        byte* labels = stackalloc byte[BitRows.BlockRows];
        Labels(rows, planeRows, planes, labels);
        if (planes <= 6) AddUpTo64(labels, table, sums);
        else if (planes == 7) AddUpTo128(labels, table, sums);
        else AddUpTo256(labels, table, sums);
    }

    /// <summary>From bit planes to a byte a row, in the order of <see cref="Order"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Labels(byte* rows, in PlaneOffsets planeRows, int planes, byte* labels)
    {
        V p0 = Vector512.Load(rows + planeRows[0]), p1 = V.Zero, p2 = V.Zero, p3 = V.Zero, p4 = V.Zero, p5 = V.Zero, p6 = V.Zero, p7 = V.Zero;
        if (planes > 1) p1 = Vector512.Load(rows + planeRows[1]);
        if (planes > 2) p2 = Vector512.Load(rows + planeRows[2]);
        if (planes > 3) p3 = Vector512.Load(rows + planeRows[3]);
        if (planes > 4) p4 = Vector512.Load(rows + planeRows[4]);
        if (planes > 5) p5 = Vector512.Load(rows + planeRows[5]);
        if (planes > 6) p6 = Vector512.Load(rows + planeRows[6]);
        if (planes > 7) p7 = Vector512.Load(rows + planeRows[7]);
        Vector512<ushort> low01 = Avx512BW.UnpackLow(p1, p0).AsUInt16(), high01 = Avx512BW.UnpackHigh(p1, p0).AsUInt16();
        Vector512<ushort> low23 = Avx512BW.UnpackLow(p3, p2).AsUInt16(), high23 = Avx512BW.UnpackHigh(p3, p2).AsUInt16();
        Vector512<ushort> low45 = Avx512BW.UnpackLow(p5, p4).AsUInt16(), high45 = Avx512BW.UnpackHigh(p5, p4).AsUInt16();
        Vector512<ushort> low67 = Avx512BW.UnpackLow(p7, p6).AsUInt16(), high67 = Avx512BW.UnpackHigh(p7, p6).AsUInt16();
        Half(low01, low23, low45, low67, labels);
        Half(high01, high23, high45, high67, labels + 256);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half(Vector512<ushort> p01, Vector512<ushort> p23, Vector512<ushort> p45, Vector512<ushort> p67, byte* labels)
    {
        Vector512<uint> lowA = Avx512BW.UnpackLow(p23, p01).AsUInt32(), highA = Avx512BW.UnpackHigh(p23, p01).AsUInt32();
        Vector512<uint> lowB = Avx512BW.UnpackLow(p67, p45).AsUInt32(), highB = Avx512BW.UnpackHigh(p67, p45).AsUInt32();
        V fromPlanes = Vector512.Create(FromPlanes).AsByte();
        Gfni.V512.GaloisFieldAffineTransform(fromPlanes, Avx512F.UnpackLow(lowB, lowA).AsByte(), 0).Store(labels);
        Gfni.V512.GaloisFieldAffineTransform(fromPlanes, Avx512F.UnpackHigh(lowB, lowA).AsByte(), 0).Store(labels + 64);
        Gfni.V512.GaloisFieldAffineTransform(fromPlanes, Avx512F.UnpackLow(highB, highA).AsByte(), 0).Store(labels + 128);
        Gfni.V512.GaloisFieldAffineTransform(fromPlanes, Avx512F.UnpackHigh(highB, highA).AsByte(), 0).Store(labels + 192);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUpTo64(byte* labels, byte* table, double* sums)
    {
        V t0 = Vector512.Load(table), t1 = Vector512.Load(table + 64), t2 = Vector512.Load(table + 128), t3 = Vector512.Load(table + 192);
        V t4 = Vector512.Load(table + 256), t5 = Vector512.Load(table + 320), t6 = Vector512.Load(table + 384), t7 = Vector512.Load(table + 448);
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            V label = Vector512.Load(labels + i);
            AddWoven(
                Avx512Vbmi.PermuteVar64x8(t0, label), Avx512Vbmi.PermuteVar64x8(t1, label),
                Avx512Vbmi.PermuteVar64x8(t2, label), Avx512Vbmi.PermuteVar64x8(t3, label),
                Avx512Vbmi.PermuteVar64x8(t4, label), Avx512Vbmi.PermuteVar64x8(t5, label),
                Avx512Vbmi.PermuteVar64x8(t6, label), Avx512Vbmi.PermuteVar64x8(t7, label),
                sums + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUpTo128(byte* labels, byte* table, double* sums)
    {
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            V label = Vector512.Load(labels + i);
            AddWoven(
                Permute128(table, label), Permute128(table + 128, label), Permute128(table + 256, label), Permute128(table + 384, label),
                Permute128(table + 512, label), Permute128(table + 640, label), Permute128(table + 768, label), Permute128(table + 896, label),
                sums + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddUpTo256(byte* labels, byte* table, double* sums)
    {
        for (int i = 0; i < BitRows.BlockRows; i += 64)
        {
            V label = Vector512.Load(labels + i);
            V upper = Vector512.LessThan(label.AsSByte(), Vector512<sbyte>.Zero).AsByte();
            AddWoven(
                Permute256(table, label, upper), Permute256(table + 256, label, upper),
                Permute256(table + 512, label, upper), Permute256(table + 768, label, upper),
                Permute256(table + 1024, label, upper), Permute256(table + 1280, label, upper),
                Permute256(table + 1536, label, upper), Permute256(table + 1792, label, upper),
                sums + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Permute128(byte* table, V label) => Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(table), label, Vector512.Load(table + 64));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Permute256(byte* table, V label, V upper) =>
        Vector512.ConditionalSelect(upper, Permute128(table + 128, label), Permute128(table, label));

    /// <summary>Weaves eight byte planes of 64 doubles together and adds them to the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddWoven(V b0, V b1, V b2, V b3, V b4, V b5, V b6, V b7, double* sums)
    {
        Vector512<ushort> low01 = Avx512BW.UnpackLow(b0, b1).AsUInt16(), high01 = Avx512BW.UnpackHigh(b0, b1).AsUInt16();
        Vector512<ushort> low23 = Avx512BW.UnpackLow(b2, b3).AsUInt16(), high23 = Avx512BW.UnpackHigh(b2, b3).AsUInt16();
        Vector512<ushort> low45 = Avx512BW.UnpackLow(b4, b5).AsUInt16(), high45 = Avx512BW.UnpackHigh(b4, b5).AsUInt16();
        Vector512<ushort> low67 = Avx512BW.UnpackLow(b6, b7).AsUInt16(), high67 = Avx512BW.UnpackHigh(b6, b7).AsUInt16();
        AddQuarter(Avx512BW.UnpackLow(low01, low23).AsUInt32(), Avx512BW.UnpackLow(low45, low67).AsUInt32(), sums);
        AddQuarter(Avx512BW.UnpackHigh(low01, low23).AsUInt32(), Avx512BW.UnpackHigh(low45, low67).AsUInt32(), sums + 16);
        AddQuarter(Avx512BW.UnpackLow(high01, high23).AsUInt32(), Avx512BW.UnpackLow(high45, high67).AsUInt32(), sums + 32);
        AddQuarter(Avx512BW.UnpackHigh(high01, high23).AsUInt32(), Avx512BW.UnpackHigh(high45, high67).AsUInt32(), sums + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuarter(Vector512<uint> low, Vector512<uint> high, double* sums)
    {
        (Vector512.Load(sums) + Avx512F.UnpackLow(low, high).AsDouble()).Store(sums);
        (Vector512.Load(sums + 8) + Avx512F.UnpackHigh(low, high).AsDouble()).Store(sums + 8);
    }

    private static ReadOnlySpan<byte> EightTimesEach =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3,
        4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7,
    ];

    private static ReadOnlySpan<byte> BytesOfQwords =>
    [
        0, 8, 16, 24, 32, 40, 48, 56, 1, 9, 17, 25, 33, 41, 49, 57, 2, 10, 18, 26, 34, 42, 50, 58, 3, 11, 19, 27, 35, 43, 51, 59,
        4, 12, 20, 28, 36, 44, 52, 60, 5, 13, 21, 29, 37, 45, 53, 61, 6, 14, 22, 30, 38, 46, 54, 62, 7, 15, 23, 31, 39, 47, 55, 63,
    ];

    /// <summary>Follows one row through the unpacking of planes to labels and of bytes to doubles; every step works within 128-bit lanes.</summary>
    private static ushort[] WeaveOrder()
    {
        var order = new ushort[BitRows.BlockRows];
        for (int row = 0; row < order.Length; row++)
        {
            // Byte of the plane, its lane, and the three unpacking choices that lead it to a vector of labels and a quadword there.
            int position = row / 8, lane = position / 16, within = position % 16;
            int vector = within >> 1, label = ((within & 1) * 8) + (row % 8);

            // The label's byte is unpacked three times more; the last bit stays within the vector of doubles.
            order[row] = (ushort)((vector * 64) + ((label >> 1) * 8) + (lane * 2) + (label & 1));
        }

        return order;
    }
}
