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
}
