using System.Collections.Immutable;
using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>A Parquet file; its pieces are its row groups.</summary>
internal sealed class ParquetSource : TableSource
{
    private readonly ParquetFileReader _reader;

    private ParquetSource(ParquetFileReader reader) => _reader = reader;

    public static ParquetSource Open(string path, TableFormat format)
    {
        ParquetFileReader? reader = null;
        try
        {
            ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();

            // Column chunks are read as they are decoded, not whole: a row group may be larger than memory.
            properties.EnableBufferedStream();
            properties.BufferSize = 1 << 18;
            properties.EnablePageChecksumVerification();
            reader = new ParquetFileReader(path, properties);
            SchemaDescriptor schema = reader.FileMetaData.Schema;
            return new ParquetSource(reader)
            {
                Path = path,
                Format = format,
                Bytes = new FileInfo(path).Length,
                HasNames = true,
                Columns = [.. Enumerable.Range(0, schema.NumColumns).Select(i => Describe(schema, i))],
            };
        }
        catch (ParquetException e)
        {
            reader?.Dispose();
            throw new TableException(path, $"not a readable Parquet file ({e.Message.ReplaceLineEndings("\n").Split('\n')[0]}); is it complete?", e);
        }
    }

    public override KeyColumn Key(int position)
    {
        ColumnDescriptor column = _reader.FileMetaData.Schema.Column(position);
        if (column.MaxRepetitionLevel > 0 || column.Path.ToDotVector().Length > 1)
            throw new TableException(Path, $"column '{Columns[position].Name}' is nested; a key must be a plain column");
        return new KeyColumn(Columns[position].Name, column.PhysicalType, column.LogicalType, Math.Max(0, column.TypeLength));
    }

    public override IEnumerable<TablePiece> Pieces(TableSelection selection, CancellationToken cancellation)
    {
        int groups = _reader.FileMetaData.NumRowGroups;
        ImmutableArray<int> columns = [.. selection.Numbers.Select(n => n.Position).Concat(selection.Keys).Distinct()];
        long rows = Math.Max(1, _reader.FileMetaData.NumRows);
        for (int group = 0; group < groups; group++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new ParquetPiece(this, _reader, group, selection, columns, Bytes / (double)rows);
        }
    }

    public override void Dispose() => _reader.Dispose();

    private static TableColumn Describe(SchemaDescriptor schema, int position)
    {
        ColumnDescriptor column = schema.Column(position);
        return new TableColumn(column.Path.ToDotString(), ParquetTypes.Content(column), ParquetTypes.Name(column));
    }
}
