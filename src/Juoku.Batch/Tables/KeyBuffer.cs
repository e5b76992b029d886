using System.Runtime.InteropServices;

namespace Juoku.Batch.Tables;

/// <summary>
/// A reusable column of key values on their way from input to output. As in Parquet, only values that are there are stored,
/// one after another; <see cref="Present"/> says which rows have one.
/// </summary>
public abstract class KeyBuffer(int capacity)
{
    /// <summary>1 for a row that has a value, 0 for null.</summary>
    public short[] Present { get; } = new short[capacity];

    /// <summary>Number of values stored.</summary>
    public int Count { get; protected set; }

    /// <summary>Forgets every value.</summary>
    public virtual void Clear() => Count = 0;

    /// <summary>Forgets the values after the first <paramref name="count"/>.</summary>
    internal void Truncate(int count) => Count = count;

    /// <summary>Takes rows out of the <paramref name="count"/> that there are.</summary>
    internal void Remove(ReadOnlySpan<int> rows, int count)
    {
        // Which of the values that are there belong to those rows.
        var values = new List<int>(rows.Length);
        int value = 0, next = 0;
        for (int row = 0; row < count; row++)
        {
            bool goes = next < rows.Length && rows[next] == row;
            if (goes) next++;
            if (Present[row] == 0) continue;
            if (goes) values.Add(value);
            value++;
        }

        RemoveValues(CollectionsMarshal.AsSpan(values));
        TableRows.Remove(Present.AsSpan(0, count), rows);
    }

    /// <summary>Takes values out; positions among the values stored, ascending.</summary>
    private protected abstract void RemoveValues(ReadOnlySpan<int> values);
}

/// <summary>Keys of a fixed width: integers, floating-point numbers, booleans.</summary>
public sealed class KeyBuffer<T>(int capacity) : KeyBuffer(capacity)
    where T : unmanaged
{
    private readonly T[] _values = new T[capacity];

    /// <summary>The values stored.</summary>
    public ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

    /// <summary>Room for values, to be written and then taken in with <see cref="Advance"/>.</summary>
    public Span<T> Free => _values.AsSpan(Count);

    /// <summary>Takes in values written to <see cref="Free"/>.</summary>
    public void Advance(int count) => Count += count;

    private protected override void RemoveValues(ReadOnlySpan<int> values)
    {
        TableRows.Remove(_values.AsSpan(0, Count), values);
        Count -= values.Length;
    }
}

/// <summary>Keys of any width: strings and bytes, one after another in one array.</summary>
public sealed class BytesKeyBuffer(int capacity) : KeyBuffer(capacity)
{
    private readonly int[] _ends = new int[capacity];
    private byte[] _bytes = new byte[capacity * 8];

    /// <summary>All values, one after another.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>Where the bytes of value <paramref name="index"/> lie in <see cref="Bytes"/>.</summary>
    public Range this[int index] => (index == 0 ? 0 : _ends[index - 1]).._ends[index];

    /// <summary>Adds a value.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        int start = Count == 0 ? 0 : _ends[Count - 1];
        int end = checked(start + value.Length);
        if (end > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Math.Max(end, 2L * _bytes.Length), Array.MaxLength));
        value.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = end;
    }

    private protected override void RemoveValues(ReadOnlySpan<int> values)
    {
        int kept = 0, keptEnd = 0, start = 0;
        for (int i = 0; i < Count; i++)
        {
            int end = _ends[i];
            if (!values.IsEmpty && values[0] == i)
            {
                values = values[1..];
            }
            else
            {
                _bytes.AsSpan(start..end).CopyTo(_bytes.AsSpan(keptEnd));
                keptEnd += end - start;
                _ends[kept++] = keptEnd;
            }

            start = end;
        }

        Count = kept;
    }
}
