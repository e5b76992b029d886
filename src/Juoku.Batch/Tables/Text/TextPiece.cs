using System.Buffers;
using System.Text;

namespace Juoku.Batch.Tables.Text;

/// <summary>Parses the records of one chunk.</summary>
internal sealed class TextPiece(TextPlan plan, TextChunk chunk, int start) : TablePiece
{
    private readonly bool[] _plain = [.. plan.Uses.Select(use => use.IsPlainNumber)];
    private readonly int[] _target = [.. plan.Uses.Select(use => use.Numbers is [int first, ..] ? first : -1)];
    private byte[] _unquoted = [];
    private double[][] _numbers = [];
    private int _at = start;
    private long _line = chunk.FirstLine + (start > 0 ? chunk.Buffer.AsSpan(0, start).Count((byte)'\n') : 0);
    private bool _returned;

    public override long MemoryBytes => chunk.Buffer.Length;

    public override long FileBytes => chunk.FileBytes;

    public override unsafe bool Read(TableRows rows, ParallelOptions options)
    {
        foreach (NumberBuffer number in rows.Numbers) number.Clear();
        foreach (KeyBuffer key in rows.Keys) key.Clear();
        _numbers = [.. rows.Numbers.Select(number => number.As<double>())];
        int row = 0;
        fixed (byte* origin = chunk.Buffer)
        {
            byte* end = origin + chunk.Length;
            byte* p = origin + _at;
            while (row < rows.Capacity && p < end)
            {
                if (plan.Columns.Length > 1 && (*p == '\n' || (*p == '\r' && p[1] == '\n')))
                {
                    p += *p == '\n' ? 1 : 2;
                    _line++;
                    continue;
                }

                p = ReadRecord(p, end, row, rows.Keys);
                row++;
            }

            _at = (int)(p - origin);
        }

        rows.Count = row;
        return row > 0;
    }

    public override void Dispose()
    {
        if (_returned) return;
        _returned = true;
        ArrayPool<byte>.Shared.Return(chunk.Buffer);
    }

    private unsafe byte* ReadRecord(byte* p, byte* end, int row, KeyBuffer[] keys)
    {
        byte delimiter = plan.Delimiter;
        bool[] plain = _plain;
        int lineFeeds = 0;
        int column = 0;
        while (true)
        {
            if (column < plain.Length && plain[column])
            {
                byte* after = NumberText.Scan(p, out double value);
                if (after != null)
                {
                    if (*after == delimiter)
                    {
                        _numbers[_target[column]][row] = value;
                        p = after + 1;
                        column++;
                        continue;
                    }

                    if (*after == '\r' && after[1] == '\n') after++;
                    if (*after == '\n')
                    {
                        _numbers[_target[column]][row] = value;
                        p = after + 1;
                        column++;
                        break;
                    }
                }
            }

            int length = TextFields.FieldLength(new ReadOnlySpan<byte>(p, (int)(end - p)), delimiter, out int inside);
            if (length < 0) throw new TableException(plan.Path, _line, $"column {Name(column)}: a quote (\") is left open");
            bool last = p[length] == '\n';
            if (column < plain.Length)
            {
                int bare = last && length > 0 && p[length - 1] == '\r' ? length - 1 : length;
                TakeField(new ReadOnlySpan<byte>(p, bare), column, row, keys);
            }

            lineFeeds += inside;
            p += length + 1;
            column++;
            if (last) break;
        }

        if (column != plain.Length)
            throw new TableException(plan.Path, _line, $"the line has {column} {(column == 1 ? "field" : "fields")} where {plain.Length} are expected; mend the line, or quote a field that holds the delimiter");
        _line += lineFeeds + 1;
        return p;
    }

    private void TakeField(ReadOnlySpan<byte> field, int column, int row, KeyBuffer[] keys)
    {
        FieldUse use = plan.Uses[column];
        if (use.Numbers is null && use.Keys is null) return;
        bool quoted = field is [(byte)'"', ..];
        if (quoted) field = Unquote(field, column);

        for (int i = 0; i < use.Numbers?.Length; i++)
        {
            if (use.Codes![i] is { } codes)
                _numbers[use.Numbers[i]][row] = codes[field];
            else if (!NumberText.TryParse(field, out _numbers[use.Numbers[i]][row]))
                throw new TableException(plan.Path, _line, $"column {Name(column)}: '{Shown(field)}' is not a number; mend it, leave it empty if it is missing, or give the feature a category map");
        }

        for (int i = 0; i < use.Keys?.Length; i++)
        {
            var key = (BytesKeyBuffer)keys[use.Keys[i]];
            bool present = quoted || field.Length > 0;
            key.Present[row] = present ? (short)1 : (short)0;
            if (present) key.Add(field);
        }
    }

    private ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> field, int column)
    {
        field = field[^1] == '"' ? field[1..^1] : throw TextAfterQuote(column);
        if (!field.Contains((byte)'"')) return field;

        if (_unquoted.Length < field.Length) _unquoted = new byte[field.Length * 2];
        int written = 0;
        for (int i = 0; i < field.Length; i++)
        {
            _unquoted[written++] = field[i];
            if (field[i] == '"' && (++i == field.Length || field[i] != '"')) throw TextAfterQuote(column);
        }

        return _unquoted.AsSpan(0, written);
    }

    private TableException TextAfterQuote(int column) =>
        new(plan.Path, _line, $"column {Name(column)}: text follows the closing quote (\")");

    private string Name(int column) =>
        column >= plan.Columns.Length ? $"{column}" : $"{column} ('{plan.Columns[column].Name}')";

    private static string Shown(ReadOnlySpan<byte> field)
    {
        string text = Encoding.UTF8.GetString(field);
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
