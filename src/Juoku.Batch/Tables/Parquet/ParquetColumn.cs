using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>Where a column chunk lies, for messages.</summary>
internal readonly record struct ChunkPlace(ParquetFile File, int RowGroup, string Column)
{
    public TableException Damaged(string reason, Exception? cause = null) =>
        new(File.ToString(), $"row group {RowGroup}, column '{Column}': the data is damaged ({reason}); write the file again", cause) { RowGroup = RowGroup, Column = Column };

    public Exception Failure(ParquetException e)
    {
        ChunkPlace place = this;
        return File.Failure(e, reason => place.Damaged(reason, e));
    }
}

/// <summary>One column of one row group, decoded batch by batch into a buffer of the caller's.</summary>
internal abstract class ParquetColumn : IDisposable
{
    /// <summary>Decodes the next <paramref name="count"/> rows into the buffer it was made for.</summary>
    public abstract void Read(TableRows rows, int count);

    public abstract void Dispose();
}

/// <summary>
/// Decodes physical values and definition levels. A reader gives the values that are there, close together, page by page;
/// what is done with them is the subclass's matter.
/// </summary>
internal abstract class ParquetColumn<T>(ColumnReader<T> reader, ChunkPlace place) : ParquetColumn
    where T : unmanaged
{
    private readonly short _maxLevel = MaxLevel(reader);
    private short[] _levels = [];

    protected ChunkPlace Place => place;

    public sealed override void Read(TableRows rows, int count)
    {
        Begin(rows);
        if (_maxLevel > 0 && _levels.Length < count) _levels = new short[rows.Capacity];
        try
        {
            for (int at = 0; at < count;)
            {
                Span<T> values = Room(at, count - at);
                Span<short> levels = _maxLevel == 0 ? default : _levels.AsSpan(at, count - at);
                long read = _maxLevel == 0
                    ? reader.ReadBatch(count - at, values, out long present)
                    : reader.ReadBatch(count - at, levels, default, values, out present);
                if (read <= 0) throw place.Damaged($"it ends {count - at} rows early");
                Take(at, (int)read, values[..(int)present], levels, _maxLevel);
                at += (int)read;
            }
        }
        catch (ParquetException e)
        {
            throw place.Failure(e);
        }
    }

    public sealed override void Dispose() => reader.Dispose();

    /// <summary>A new batch begins.</summary>
    protected abstract void Begin(TableRows rows);

    /// <summary>Where to decode the values of rows <paramref name="at"/> and on.</summary>
    protected abstract Span<T> Room(int at, int count);

    /// <summary>Takes decoded values.</summary>
    /// <param name="at">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="values">The values that are there, one after another, at the start of what <see cref="Room"/> gave.</param>
    /// <param name="levels">A row has a value where its level equals <paramref name="maxLevel"/>; not given when every row has.</param>
    /// <param name="maxLevel">Level of a value; 0 when every row has one.</param>
    protected abstract void Take(int at, int rows, ReadOnlySpan<T> values, ReadOnlySpan<short> levels, short maxLevel);

    private static short MaxLevel(ColumnReader<T> reader)
    {
        ColumnDescriptor descriptor = reader.ColumnDescriptor;
        return descriptor.MaxDefinitionLevel;
    }
}
