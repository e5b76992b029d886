using System.Numerics;
using System.Runtime.CompilerServices;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>Reads a block of a column in the form a step needs; rows past the end read as zero, nulls as missing.</summary>
internal static class BlockReader
{
    /// <summary>Values of a float column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReadFloats(in Column column, int first, int count, Span<float> target)
    {
        column.Floats.Span.Slice(first, count).CopyTo(target);
        target[count..].Clear();
        if (column.Validity.IsEmpty) return;
        ReadOnlySpan<byte> validity = column.Validity.Span;
        for (int i = 0; i < count; i++)
            if (IsNull(validity, first + i)) target[i] = float.NaN;
    }

    /// <summary>Values of any column as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReadDoubles(in Column column, int first, int count, Span<double> target)
    {
        switch (column.Type)
        {
            case ColumnType.Float:
                ReadOnlySpan<float> floats = column.Floats.Span.Slice(first, count);
                for (int i = 0; i < count; i++) target[i] = floats[i];
                break;
            case ColumnType.Double:
                column.Doubles.Span.Slice(first, count).CopyTo(target);
                break;
            case ColumnType.Int32:
                ReadOnlySpan<int> ints = column.Int32s.Span.Slice(first, count);
                for (int i = 0; i < count; i++) target[i] = ints[i];
                break;
            case ColumnType.Int64:
                ReadOnlySpan<long> longs = column.Int64s.Span.Slice(first, count);
                for (int i = 0; i < count; i++) target[i] = longs[i];
                break;
            case ColumnType.Bool:
                ReadOnlySpan<bool> bools = column.Bools.Span.Slice(first, count);
                for (int i = 0; i < count; i++) target[i] = bools[i] ? 1 : 0;
                break;
            default:
                throw new ArgumentException("A feature that the model uses has no values.");
        }

        target[count..].Clear();
        if (column.Validity.IsEmpty) return;
        ReadOnlySpan<byte> validity = column.Validity.Span;
        for (int i = 0; i < count; i++)
            if (IsNull(validity, first + i)) target[i] = double.NaN;
    }

    /// <summary>Category of each value; −1 where it is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReadCategories(in Column column, int first, int count, Span<int> target)
    {
        switch (column.Type)
        {
            case ColumnType.Int32:
                column.Int32s.Span.Slice(first, count).CopyTo(target);
                break;
            case ColumnType.Float:
                ReadOnlySpan<float> floats = column.Floats.Span.Slice(first, count);
                ReadCategories(floats, target);
                break;
            case ColumnType.Double:
                ReadOnlySpan<double> doubles = column.Doubles.Span.Slice(first, count);
                for (int i = 0; i < count; i++) target[i] = CategoryColumn.CategoryOf(doubles[i]);
                break;
            default:
                for (int i = 0; i < count; i++) target[i] = CategoryColumn.CategoryOf(Plain(column, first + i));
                break;
        }

        target[count..].Clear();
        if (column.Validity.IsEmpty) return;
        ReadOnlySpan<byte> validity = column.Validity.Span;
        for (int i = 0; i < count; i++)
            if (IsNull(validity, first + i)) target[i] = -1;
    }

    private static void ReadCategories(ReadOnlySpan<float> values, Span<int> target)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var x = new Vector<float>(values[i..]);
            Vector<int> isCategory = Vector.GreaterThan(x, new Vector<float>(-1)) & Vector.LessThan(x, new Vector<float>(2147483648f));
            Vector.ConditionalSelect(isCategory, Vector.ConvertToInt32(x), new Vector<int>(-1)).CopyTo(target[i..]);
        }

        for (; i < values.Length; i++) target[i] = CategoryColumn.CategoryOf(values[i]);
    }

    /// <summary>One value; NaN where it is null.</summary>
    public static double Value(in Column column, int row) =>
        !column.Validity.IsEmpty && IsNull(column.Validity.Span, row) ? double.NaN : Plain(column, row);

    private static double Plain(in Column column, int row) => column.Type switch
    {
        ColumnType.Float => column.Floats.Span[row],
        ColumnType.Double => column.Doubles.Span[row],
        ColumnType.Int32 => column.Int32s.Span[row],
        ColumnType.Int64 => column.Int64s.Span[row],
        ColumnType.Bool => column.Bools.Span[row] ? 1 : 0,
        _ => throw new ArgumentException("A feature that the model uses has no values."),
    };

    private static bool IsNull(ReadOnlySpan<byte> validity, int row) => (validity[row >> 3] >> (row & 7) & 1) == 0;
}
