using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>A key of fixed width, carried along as it is.</summary>
internal sealed class FixedKeyColumn<T>(ColumnReader<T> reader, ChunkPlace place, int index)
    : ParquetColumn<T>(reader, place)
    where T : unmanaged
{
    private KeyBuffer<T>? _key;

    protected override void Begin(TableRows rows)
    {
        _key = (KeyBuffer<T>)rows.Keys[index];
        _key.Clear();
    }

    protected override Span<T> Room(int at, int count) => _key!.Free[..count];

    protected override void Take(int at, int rows, ReadOnlySpan<T> values, ReadOnlySpan<short> levels, short maxLevel)
    {
        KeyPresence.Mark(_key!.Present.AsSpan(at, rows), values.Length == rows, levels, maxLevel);
        _key.Advance(values.Length);
    }
}

/// <summary>A key of bytes: strings, UUIDs, decimals, … Copied, because pages are reused.</summary>
/// <param name="reader">Open column chunk.</param>
/// <param name="place">Where it lies.</param>
/// <param name="index">Which of the batch's keys it fills.</param>
/// <param name="bytes">Pointer and length of a value.</param>
internal sealed class BytesKeyColumn<T>(ColumnReader<T> reader, ChunkPlace place, int index, Func<T, ByteArray> bytes)
    : ParquetColumn<T>(reader, place)
    where T : unmanaged
{
    private BytesKeyBuffer? _key;
    private T[] _values = [];

    protected override void Begin(TableRows rows)
    {
        _key = (BytesKeyBuffer)rows.Keys[index];
        _key.Clear();
        if (_values.Length < rows.Capacity) _values = new T[rows.Capacity];
    }

    protected override Span<T> Room(int at, int count) => _values.AsSpan(0, count);

    protected override void Take(int at, int rows, ReadOnlySpan<T> values, ReadOnlySpan<short> levels, short maxLevel)
    {
        KeyPresence.Mark(_key!.Present.AsSpan(at, rows), values.Length == rows, levels, maxLevel);
        foreach (T value in values) _key.Add(ParquetBytes.Of(bytes(value)));
    }
}

/// <summary>Which rows of a key have a value.</summary>
internal static class KeyPresence
{
    public static void Mark(Span<short> present, bool all, ReadOnlySpan<short> levels, short maxLevel)
    {
        if (all)
        {
            present.Fill(1);
            return;
        }

        for (int i = 0; i < present.Length; i++) present[i] = levels[i] == maxLevel ? (short)1 : (short)0;
    }
}

/// <summary>The bytes that a Parquet value points at; valid until the column is read on.</summary>
internal static class ParquetBytes
{
    public static unsafe ReadOnlySpan<byte> Of(ByteArray value) => new((void*)value.Pointer, value.Length);
}
