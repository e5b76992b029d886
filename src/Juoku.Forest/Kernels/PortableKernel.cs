using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Juoku.Forest.Packing;
using V = System.Numerics.Vector<byte>;

namespace Juoku.Forest.Kernels;

/// <summary>
/// The portable vector API: NEON on arm64, SSE or AVX2 on x64. Bit logic runs a vector at a time, look-ups go through scalar loads.
/// </summary>
internal unsafe class PortableKernel : Kernel
{
    public override string Name => "portable";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RankFloats(float* values, RankColumn column, float missingMagnitude, byte* ranks)
    {
        float* tree = column.FloatTree.Pointer;
        int levels = column.Levels, firstLeaf = 1 << levels;
        byte missingRank = column.MissingRank;
        for (int i = 0; i < BitRows.BlockRows; i += 4)
        {
            // Four searches side by side hide each other's latency.
            float x0 = values[i], x1 = values[i + 1], x2 = values[i + 2], x3 = values[i + 3];
            int n0 = 1, n1 = 1, n2 = 1, n3 = 1;
            for (int level = 0; level < levels; level++)
            {
                n0 = n0 + n0 + Bit(tree[n0] < x0);
                n1 = n1 + n1 + Bit(tree[n1] < x1);
                n2 = n2 + n2 + Bit(tree[n2] < x2);
                n3 = n3 + n3 + Bit(tree[n3] < x3);
            }

            ranks[i] = MathF.Abs(x0) > missingMagnitude ? (byte)(n0 - firstLeaf) : missingRank;
            ranks[i + 1] = MathF.Abs(x1) > missingMagnitude ? (byte)(n1 - firstLeaf) : missingRank;
            ranks[i + 2] = MathF.Abs(x2) > missingMagnitude ? (byte)(n2 - firstLeaf) : missingRank;
            ranks[i + 3] = MathF.Abs(x3) > missingMagnitude ? (byte)(n3 - firstLeaf) : missingRank;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool RoundDown(double* values, float missingMagnitude, float* floats)
    {
        bool isExact = true;
        for (int i = 0; i < BitRows.BlockRows; i++)
        {
            double x = Math.Abs(values[i]) > missingMagnitude ? values[i] : double.NaN;
            floats[i] = RankColumn.RoundDown(x);
            isExact &= !(floats[i] < x);
        }

        return isExact;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transpose(byte* bytes, byte* planes)
    {
        for (int i = 0; i < BitRows.BlockRows; i += 16)
        {
            Vector128<byte> x = Vector128.Load(bytes + i);
            for (int plane = 7; plane >= 0; plane--)
            {
                *(ushort*)(planes + (plane * BitRows.Bytes) + (i / 8)) = (ushort)x.ExtractMostSignificantBits();
                x += x;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compare(byte* planes, int bits, int count, byte* rows, byte* scratch)
    {
        new Span<byte>(scratch, BitRows.Bytes).Fill(byte.MaxValue);
        for (int level = 0; level < bits; level++)
        {
            byte* plane = planes + ((bits - 1 - level) * BitRows.Bytes);
            int range = 1 << (bits - level);
            for (int prefix = Math.Min((1 << level) - 1, count / range); prefix >= 0; prefix--)
            {
                int middle = (prefix * range) + (range / 2), end = (prefix + 1) * range;
                byte* equal = scratch + (prefix * BitRows.Bytes), lower = scratch + (2 * prefix * BitRows.Bytes), upper = lower + BitRows.Bytes;
                Split(equal, plane, lower, upper);
                if (middle > count) continue;
                Or(upper, end <= count ? rows + ((end - 1) * BitRows.Bytes) : null, rows + ((middle - 1) * BitRows.Bytes));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MissingLeft(byte* rows, LeftVariant* variants, int count)
    {
        for (LeftVariant* variant = variants; variant < variants + count; variant++)
        {
            for (int i = 0; i < BitRows.Bytes; i += V.Count)
                Vector.AndNot(Vector.Load(rows + variant->Source + i), Vector.Load(rows + variant->Missing + i)).Store(rows + variant->Target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LookUp(byte* codes, byte* table, bool adds, byte* target)
    {
        if (adds) for (int i = 0; i < BitRows.BlockRows; i++) target[i] |= table[codes[i]];
        else for (int i = 0; i < BitRows.BlockRows; i++) target[i] = table[codes[i]];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Select(byte* rows, MuxOp* ops, int count)
    {
        for (MuxOp* op = ops; op < ops + count; op++)
        {
            byte* condition = rows + op->Condition, one = rows + op->One, zero = rows + op->Zero, target = rows + op->Target;
            for (int i = 0; i < BitRows.Bytes; i += V.Count)
                Vector.ConditionalSelect(Vector.Load(condition + i), Vector.Load(one + i), Vector.Load(zero + i)).Store(target + i);
        }
    }

    public override int LeafTableBytes(int planes) => Math.Max(64, sizeof(double) << planes);

    public override void PackLeaves(ReadOnlySpan<double> values, Span<byte> table) => values.CopyTo(MemoryMarshal.Cast<byte, double>(table));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddLeaves(byte* rows, in PlaneOffsets planeRows, int planes, byte* table, double* sums)
    {
        double* leaves = (double*)table;
        for (int i = 0; i < BitRows.Bytes; i++)
        {
            // Eight rows: one byte of each plane becomes eight labels, one to a byte.
            ulong labels = 0;
            for (int plane = 0; plane < planes; plane++) labels |= Spread(rows[planeRows[plane] + i]) << plane;
            double* eight = sums + (i * 8);
            for (int row = 0; row < 8; row++, labels >>= 8) eight[row] += leaves[(byte)labels];
        }
    }

    /// <summary>Bit <c>i</c> of the argument becomes the lowest bit of byte <c>i</c>.</summary>
    private static ulong Spread(byte bits)
    {
        // Copies the byte to all bytes, keeps bit i in byte i, and moves it down.
        ulong kept = (bits * 0x0101010101010101ul) & 0x8040201008040201ul;
        return ((kept + 0x7F7F7F7F7F7F7F7Ful) >> 7) & 0x0101010101010101ul;
    }

    private static void Split(byte* equal, byte* plane, byte* lower, byte* upper)
    {
        for (int i = 0; i < BitRows.Bytes; i += V.Count)
        {
            V x = Vector.Load(equal + i), y = Vector.Load(plane + i);
            (x & y).Store(upper + i);
            Vector.AndNot(x, y).Store(lower + i);
        }
    }

    private static void Or(byte* a, byte* b, byte* target)
    {
        for (int i = 0; i < BitRows.Bytes; i += V.Count)
            (b is null ? Vector.Load(a + i) : Vector.Load(a + i) | Vector.Load(b + i)).Store(target + i);
    }

    private static int Bit(bool value) => value ? 1 : 0;
}
