using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>A column whose physical values are the numbers wanted: decoded straight into the batch, then spread over its nulls.</summary>
/// <param name="reader">Open column chunk.</param>
/// <param name="place">Where it lies.</param>
/// <param name="index">Which of the batch's number columns it fills.</param>
/// <param name="missing">Value of a null row; marked in the validity bitmap besides when <paramref name="marksNulls"/>.</param>
/// <param name="marksNulls">False when <paramref name="missing"/> says it all (NaN).</param>
internal sealed class DirectColumn<T>(ColumnReader<T> reader, ChunkPlace place, int index, T missing, bool marksNulls)
    : ParquetColumn<T>(reader, place)
    where T : unmanaged
{
    private NumberBuffer? _buffer;
    private T[] _values = [];

    protected override void Begin(TableRows rows)
    {
        _buffer = rows.Numbers[index];
        _buffer.Clear();
        _values = _buffer.As<T>();
    }

    protected override Span<T> Room(int at, int count) => _values.AsSpan(at, count);

    protected override void Take(int at, int rows, ReadOnlySpan<T> values, ReadOnlySpan<short> levels, short maxLevel)
    {
        if (values.Length == rows) return;

        // From the back, so that a value is moved before its place is needed.
        int next = values.Length;
        for (int i = rows - 1; i >= 0; i--)
        {
            if (levels[i] == maxLevel)
            {
                _values[at + i] = values[--next];
                continue;
            }

            _values[at + i] = missing;
            if (marksNulls) _buffer!.MarkNull(at + i);
        }
    }
}

/// <summary>A column whose physical values stand for other numbers: category codes, unsigned integers, half floats.</summary>
/// <param name="reader">Open column chunk.</param>
/// <param name="place">Where it lies.</param>
/// <param name="index">Which of the batch's number columns it fills.</param>
/// <param name="convert">What a physical value stands for.</param>
internal sealed class ConvertedColumn<T>(ColumnReader<T> reader, ChunkPlace place, int index, Func<T, double> convert)
    : ParquetColumn<T>(reader, place)
    where T : unmanaged
{
    private double[] _numbers = [];
    private T[] _values = [];

    protected override void Begin(TableRows rows)
    {
        rows.Numbers[index].Clear();
        _numbers = rows.Numbers[index].As<double>();
        if (_values.Length < rows.Capacity) _values = new T[rows.Capacity];
    }

    protected override Span<T> Room(int at, int count) => _values.AsSpan(0, count);

    protected override void Take(int at, int rows, ReadOnlySpan<T> values, ReadOnlySpan<short> levels, short maxLevel)
    {
        int next = 0;
        for (int i = 0; i < rows; i++)
            _numbers[at + i] = values.Length == rows || levels[i] == maxLevel ? convert(values[next++]) : double.NaN;
    }
}
