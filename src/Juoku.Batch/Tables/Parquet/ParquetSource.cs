using System.Collections.Immutable;
using Juoku.Batch.Tables.Inputs;
using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>A Parquet file, or some row groups of it; its pieces are its row groups.</summary>
internal sealed class ParquetSource : TableSource
{
    private readonly ParquetFile _file;
    private readonly int _first;

    private ParquetSource(ParquetFile file, int first) => (_file, _first) = (file, first);

    public static ParquetSource Open(TableInput input, TableFormat format, RowGroupRange? range, CancellationToken cancellation)
    {
        var file = new ParquetFile(input, cancellation);
        try
        {
            FileMetaData metadata = file.Reader.FileMetaData;
            (int from, int to) = range is { } some ? (some.From, some.To) : (0, metadata.NumRowGroups);
            if (from < 0 || from > to || to > metadata.NumRowGroups)
                throw new TableException(input.Name, $"there are no row groups {from} to {to - 1}: the file has {metadata.NumRowGroups}; was it replaced?");
            SchemaDescriptor schema = metadata.Schema;
            return new ParquetSource(file, from)
            {
                Path = input.Name,
                Format = format,
                Bytes = input.Length,
                HasNames = true,
                Columns = [.. Enumerable.Range(0, schema.NumColumns).Select(i => Describe(schema, i))],
                RowGroups = [.. Enumerable.Range(from, to - from).Select(group => RowsOf(file, group))],
            };
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is ParquetException) throw file.Failure(e, reason => new TableException(input.Name, $"not a readable Parquet file ({reason}); is it complete?", e));
            throw;
        }
    }

    public override KeyColumn Key(int position)
    {
        ColumnDescriptor column = _file.Reader.FileMetaData.Schema.Column(position);
        if (column.MaxRepetitionLevel > 0 || column.Path.ToDotVector().Length > 1)
            throw new TableException(Path, $"column '{Columns[position].Name}' is nested; a key must be a plain column");
        return new KeyColumn(Columns[position].Name, column.PhysicalType, column.LogicalType, Math.Max(0, column.TypeLength));
    }

    public override IEnumerable<TablePiece> Pieces(TableSelection selection, CancellationToken cancellation)
    {
        ImmutableArray<int> columns = [.. selection.Numbers.Select(n => n.Position).Concat(selection.Keys).Distinct()];
        double bytesPerRow = Bytes / (double)Math.Max(1, _file.Reader.FileMetaData.NumRows);
        long row = Enumerable.Range(0, _first).Sum(group => RowsOf(_file, group));
        for (int i = 0; i < RowGroups.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new ParquetPiece(this, _file, _first + i, row, selection, columns, bytesPerRow);
            row += RowGroups[i];
        }
    }

    public override void Dispose() => _file.Dispose();

    private static long RowsOf(ParquetFile file, int group)
    {
        using RowGroupReader open = file.Reader.RowGroup(group);
        return open.MetaData.NumRows;
    }

    private static TableColumn Describe(SchemaDescriptor schema, int position)
    {
        ColumnDescriptor column = schema.Column(position);
        return new TableColumn(column.Path.ToDotString(), ParquetTypes.Content(column), ParquetTypes.Name(column));
    }
}
