using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>
/// Decodes one row group. Its columns are independent streams, so idle threads help with a batch column by column: a file of a
/// single row group keeps every core busy too.
/// </summary>
internal sealed class ParquetPiece : TablePiece
{
    private readonly ParquetSource _source;
    private readonly ParquetFile _file;
    private readonly int _group;
    private readonly long _firstRow;
    private readonly TableSelection _selection;
    private readonly long _rows;
    private readonly IDisposable? _ahead;
    private RowGroupReader? _open;
    private ParquetColumn[] _columns = [];
    private long _done;

    public ParquetPiece(ParquetSource source, ParquetFile file, int group, long firstRow, TableSelection selection, ImmutableArray<int> columns, double bytesPerRow)
    {
        _source = source;
        _file = file;
        _group = group;
        _firstRow = firstRow;
        _selection = selection;
        using RowGroupReader open = file.Reader.RowGroup(group);
        _rows = open.MetaData.NumRows;
        foreach (int column in columns)
        {
            using ColumnChunkMetaData chunk = open.MetaData.GetColumnChunkMetaData(column);
            MemoryBytes += chunk.TotalUncompressedSize;
        }

        FileBytes = (long)(_rows * bytesPerRow);
        _ahead = file.ReadAhead(group, columns);
    }

    public override long MemoryBytes { get; }

    public override long FileBytes { get; }

    public override bool Read(TableRows rows, ParallelOptions options)
    {
        rows.Count = (int)Math.Min(rows.Capacity, _rows - _done);
        if (rows.Count <= 0) return false;
        if (_open is null) OpenColumns();

        if (options.MaxDegreeOfParallelism == 1)
        {
            foreach (ParquetColumn column in _columns) column.Read(rows, rows.Count);
        }
        else
        {
            try
            {
                Parallel.For(0, _columns.Length, options, i => _columns[i].Read(rows, rows.Count));
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }

        long first = _firstRow + _done;
        _done += rows.Count;
        if (rows.Rejects is not null) LeaveOutNullKeys(rows, rows.Rejects, first);
        return true;
    }

    private void LeaveOutNullKeys(TableRows rows, List<RejectedRow> rejects, long first)
    {
        // Nearly always no key is null: then there are as many values as rows.
        if (rows.Keys.All(key => key.Count == rows.Count)) return;
        var bad = new List<int>();
        for (int row = 0; row < rows.Count; row++)
        {
            int missing = 0;
            while (missing < rows.Keys.Length && rows.Keys[missing].Present[row] != 0) missing++;
            if (missing == rows.Keys.Length) continue;
            bad.Add(row);
            rejects.Add(new RejectedRow(_source.Path, null, first + row, _source.Columns[_selection.Keys[missing]].Name, "the key is null"));
        }

        rows.Remove(CollectionsMarshal.AsSpan(bad));
    }

    public override void Dispose()
    {
        foreach (ParquetColumn column in _columns) column.Dispose();
        _open?.Dispose();
        _ahead?.Dispose();
    }

    private void OpenColumns()
    {
        _open = _file.Reader.RowGroup(_group);
        var columns = new List<ParquetColumn>();
        try
        {
            for (int i = 0; i < _selection.Numbers.Length; i++) columns.Add(OpenNumber(i, _selection.Numbers[i]));
            for (int i = 0; i < _selection.Keys.Length; i++) columns.Add(OpenKey(i, _selection.Keys[i]));
        }
        finally
        {
            _columns = [.. columns];
        }
    }

    private ParquetColumn OpenNumber(int index, NumberSelection selection)
    {
        ChunkPlace place = Place(selection.Position);
        ColumnReader reader = Open(selection.Position, place);
        ColumnDescriptor descriptor = reader.ColumnDescriptor;
        int unsigned = ParquetTypes.UnsignedBits(descriptor);
        return (reader, selection.Codes) switch
        {
            (ColumnReader<float> floats, null) => new DirectColumn<float>(floats, place, index, float.NaN, marksNulls: false),
            (ColumnReader<double> doubles, null) => new DirectColumn<double>(doubles, place, index, double.NaN, marksNulls: false),
            (ColumnReader<bool> bools, null) => new DirectColumn<bool>(bools, place, index, false, marksNulls: true),
            (ColumnReader<int> ints, null) when unsigned != 32 => new DirectColumn<int>(ints, place, index, 0, marksNulls: true),
            (ColumnReader<int> ints, null) => new ConvertedColumn<int>(ints, place, index, value => (uint)value),
            (ColumnReader<long> longs, null) when unsigned != 64 => new DirectColumn<long>(longs, place, index, 0, marksNulls: true),
            (ColumnReader<long> longs, null) => new ConvertedColumn<long>(longs, place, index, value => (ulong)value),
            (ColumnReader<FixedLenByteArray> halves, null) => new ConvertedColumn<FixedLenByteArray>(halves, place, index,
                value => (double)BitConverter.ToHalf(ParquetBytes.Of(new ByteArray(value.Pointer, 2)))),
            (ColumnReader<ByteArray> strings, { } codes) => new ConvertedColumn<ByteArray>(strings, place, index, value => codes[ParquetBytes.Of(value)]),
            (ColumnReader<float> floats, { } codes) => new ConvertedColumn<float>(floats, place, index, value => codes[(double)value]),
            (ColumnReader<double> doubles, { } codes) => new ConvertedColumn<double>(doubles, place, index, value => codes[value]),
            (ColumnReader<bool> bools, { } codes) => new ConvertedColumn<bool>(bools, place, index, value => codes[value]),
            (ColumnReader<int> ints, { } codes) => new ConvertedColumn<int>(ints, place, index, value => codes[unsigned == 32 ? (uint)value : (double)value]),
            (ColumnReader<long> longs, { } codes) => new ConvertedColumn<long>(longs, place, index, value => codes[unsigned == 64 ? (ulong)value : (double)value]),
            _ => throw new InvalidOperationException($"Column '{place.Column}' was bound as a number but is {descriptor.PhysicalType}."),
        };
    }

    private ParquetColumn OpenKey(int index, int position)
    {
        ChunkPlace place = Place(position);
        ColumnReader reader = Open(position, place);
        ColumnDescriptor descriptor = reader.ColumnDescriptor;
        int length = descriptor.TypeLength;
        return reader switch
        {
            ColumnReader<bool> bools => new FixedKeyColumn<bool>(bools, place, index),
            ColumnReader<int> ints => new FixedKeyColumn<int>(ints, place, index),
            ColumnReader<long> longs => new FixedKeyColumn<long>(longs, place, index),
            ColumnReader<Int96> instants => new FixedKeyColumn<Int96>(instants, place, index),
            ColumnReader<float> floats => new FixedKeyColumn<float>(floats, place, index),
            ColumnReader<double> doubles => new FixedKeyColumn<double>(doubles, place, index),
            ColumnReader<ByteArray> strings => new BytesKeyColumn<ByteArray>(strings, place, index, value => value),
            ColumnReader<FixedLenByteArray> blocks => new BytesKeyColumn<FixedLenByteArray>(blocks, place, index, value => new ByteArray(value.Pointer, length)),
            _ => throw new InvalidOperationException($"Column '{place.Column}' has the unknown physical type {descriptor.PhysicalType}."),
        };
    }

    private ChunkPlace Place(int position) => new(_file, _group, _source.Columns[position].Name);

    private ColumnReader Open(int position, ChunkPlace place)
    {
        try
        {
            return _open!.Column(position);
        }
        catch (ParquetException e)
        {
            throw place.Failure(e);
        }
    }
}
