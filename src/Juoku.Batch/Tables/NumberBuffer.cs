using Juoku.Forest;

namespace Juoku.Batch.Tables;

/// <summary>A reusable column of numbers. Whoever fills it picks the type; the arrays are made once and kept.</summary>
/// <param name="capacity">Rows it holds.</param>
public sealed class NumberBuffer(int capacity)
{
    private readonly byte[] _validity = new byte[(capacity + 7) / 8];
    private Array? _values;
    private bool _hasNulls;

    /// <summary>Rows it holds.</summary>
    public int Capacity => capacity;

    /// <summary>The buffer as an array of <typeparamref name="T"/> (float, double, int, long or bool), every row valid until marked.</summary>
    public T[] As<T>()
        where T : unmanaged
    {
        if (_values is not T[] values) _values = values = new T[capacity];
        return values;
    }

    /// <summary>Starts a new batch: no row is null.</summary>
    public void Clear() => _hasNulls = false;

    /// <summary>Marks a row as null; only integers and booleans need it, floating-point columns say NaN.</summary>
    public void MarkNull(int row)
    {
        if (!_hasNulls) _validity.AsSpan().Fill(0xff);
        _hasNulls = true;
        _validity[row >> 3] &= (byte)~(1 << (row & 7));
    }

    /// <summary>Takes rows out of the <paramref name="count"/> that there are.</summary>
    internal void Remove(ReadOnlySpan<int> rows, int count)
    {
        switch (_values)
        {
            case float[] floats: TableRows.Remove(floats.AsSpan(0, count), rows); break;
            case double[] doubles: TableRows.Remove(doubles.AsSpan(0, count), rows); break;
            case int[] ints: TableRows.Remove(ints.AsSpan(0, count), rows); break;
            case long[] longs: TableRows.Remove(longs.AsSpan(0, count), rows); break;
            case bool[] bools: TableRows.Remove(bools.AsSpan(0, count), rows); break;
        }

        if (!_hasNulls) return;
        int kept = 0;
        for (int row = 0; row < count; row++)
        {
            if (!rows.IsEmpty && rows[0] == row)
            {
                rows = rows[1..];
                continue;
            }

            int bit = _validity[row >> 3] >> (row & 7) & 1;
            _validity[kept >> 3] = (byte)(_validity[kept >> 3] & ~(1 << (kept & 7)) | bit << (kept & 7));
            kept++;
        }
    }

    /// <summary>A view of some rows; <paramref name="start"/> must be a multiple of 8.</summary>
    public Column View(int start, int count)
    {
        ReadOnlyMemory<byte> validity = _hasNulls ? _validity.AsMemory(start >> 3) : default;
        return _values switch
        {
            float[] floats => Column.Of(floats.AsMemory(start, count), validity),
            double[] doubles => Column.Of(doubles.AsMemory(start, count), validity),
            int[] ints => Column.Of(ints.AsMemory(start, count), validity),
            long[] longs => Column.Of(longs.AsMemory(start, count), validity),
            bool[] bools => Column.Of(bools.AsMemory(start, count), validity),
            _ => throw new InvalidOperationException("The buffer has not been filled."),
        };
    }

    /// <summary>The value of a row as a double, NaN for null.</summary>
    public double this[int row]
    {
        get
        {
            if (_hasNulls && (_validity[row >> 3] >> (row & 7) & 1) == 0) return double.NaN;
            return _values switch
            {
                float[] floats => floats[row],
                double[] doubles => doubles[row],
                int[] ints => ints[row],
                long[] longs => longs[row],
                bool[] bools => bools[row] ? 1 : 0,
                _ => throw new InvalidOperationException("The buffer has not been filled."),
            };
        }
    }
}
