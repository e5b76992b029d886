using System.Collections.Immutable;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Tables.Text;

/// <summary>A CSV or TSV file, plain or compressed.</summary>
internal sealed class TextSource : TableSource
{
    private readonly TextChunks _chunks;
    private readonly TextChunk _first;
    private readonly int _headerBytes;

    private TextSource(TextChunks chunks, TextChunk first, int headerBytes)
    {
        _chunks = chunks;
        _first = first;
        _headerBytes = headerBytes;
    }

    public static TextSource Open(TableInput input, TableFormat format, bool hasHeader, CancellationToken cancellation)
    {
        string path = input.Name;
        var chunks = new TextChunks(input, format, cancellation);
        try
        {
            TextChunk first = chunks.Next() ?? throw new TableException(path, "the file holds no line: a table needs a header line or at least one row");
            List<string> fields = [];
            int bytes = TextFields.Split(first.Buffer.AsSpan(0, first.Length), format.Delimiter, fields);
            if (bytes < 0) throw new TableException(path, 1, "a quote (\") is left open");
            if (hasHeader && fields is [""]) throw new TableException(path, 1, "the header line is empty; use --no-header if the first line is a row");

            return new TextSource(chunks, first, hasHeader ? bytes : 0)
            {
                Path = path,
                Format = format,
                Bytes = input.Length,
                HasNames = hasHeader,
                Columns = [.. fields.Select((name, i) => new TableColumn(hasHeader ? name : $"column_{i}", ColumnContent.Text, "text"))],
            };
        }
        catch
        {
            chunks.Dispose();
            throw;
        }
    }

    public override KeyColumn Key(int position) => KeyColumn.OfText(Columns[position].Name);

    public override IEnumerable<TablePiece> Pieces(TableSelection selection, CancellationToken cancellation)
    {
        var plan = new TextPlan(Path, Format.Delimiter, Columns, selection);
        int start = _headerBytes;
        for (TextChunk? chunk = _first; chunk is { } some; chunk = _chunks.Next())
        {
            yield return new TextPiece(plan, some, start);
            cancellation.ThrowIfCancellationRequested();
            start = 0;
        }
    }

    public override void Dispose() => _chunks.Dispose();
}

/// <summary>What to do with each field of a line.</summary>
internal sealed class TextPlan
{
    public TextPlan(string path, byte delimiter, ImmutableArray<TableColumn> columns, TableSelection selection)
    {
        Path = path;
        Delimiter = delimiter;
        Columns = columns;
        Uses = new FieldUse[columns.Length];
        for (int i = 0; i < selection.Numbers.Length; i++)
        {
            ref FieldUse use = ref Uses[selection.Numbers[i].Position];
            use = use with { Numbers = [.. use.Numbers ?? [], i], Codes = [.. use.Codes ?? [], selection.Numbers[i].Codes] };
        }

        for (int i = 0; i < selection.Keys.Length; i++)
        {
            ref FieldUse use = ref Uses[selection.Keys[i]];
            use = use with { Keys = [.. use.Keys ?? [], i] };
        }
    }

    public string Path { get; }

    public byte Delimiter { get; }

    public ImmutableArray<TableColumn> Columns { get; }

    public FieldUse[] Uses { get; }
}

/// <summary>Which outputs a field feeds: a column may be feature, label and key at once.</summary>
internal readonly record struct FieldUse(int[]? Numbers, CategoryCodes?[]? Codes, int[]? Keys)
{
    /// <summary>The field is one plain number and nothing else: the common case.</summary>
    public bool IsPlainNumber => Numbers is { Length: 1 } && Codes![0] is null && Keys is null;
}
