using System.Buffers;
using System.Globalization;
using System.Text;

namespace Juoku.Batch.Tables.Text;

/// <summary>
/// Parses the records of one chunk. Where bad rows are left out, a record ends where its quotes say, as any record does; but when the quotes
/// themselves are broken (one left open, or text behind a closing one) nobody knows where it ends, so only its first line is left out and
/// reading goes on with the next.
/// </summary>
internal sealed class TextPiece(TextPlan plan, TextChunk chunk, int start) : TablePiece
{
    private const int MostRejects = 1024;
    private const string TextAfterQuote = "text follows the closing quote (\")";

    private readonly bool[] _plain = [.. plan.Uses.Select(use => use.IsPlainNumber)];
    private readonly int[] _target = [.. plan.Uses.Select(use => use.Numbers is [int first, ..] ? first : -1)];
    private byte[] _unquoted = [];
    private double[][] _numbers = [];
    private int _at = start;
    private long _line = chunk.FirstLine + (start > 0 ? chunk.Buffer.AsSpan(0, start).Count((byte)'\n') : 0);
    private List<RejectedRow>? _rejects;
    private RejectedRow? _problem;
    private int[] _keysBefore = [];
    private bool _brokenQuote;
    private bool _returned;

    public override long MemoryBytes => chunk.Buffer.Length;

    public override long FileBytes => chunk.FileBytes;

    public override unsafe bool Read(TableRows rows, ParallelOptions options)
    {
        foreach (NumberBuffer number in rows.Numbers) number.Clear();
        foreach (KeyBuffer key in rows.Keys) key.Clear();
        _numbers = [.. rows.Numbers.Select(number => number.As<double>())];
        _rejects = rows.Rejects;
        if (_keysBefore.Length < rows.Keys.Length) _keysBefore = new int[rows.Keys.Length];
        int row = 0, rejected = _rejects?.Count ?? 0;
        fixed (byte* origin = chunk.Buffer)
        {
            byte* end = origin + chunk.Length;
            byte* p = origin + _at;
            while (row < rows.Capacity && p < end && (_rejects is null || _rejects.Count < MostRejects))
            {
                if (plan.Columns.Length > 1 && (*p == '\n' || (*p == '\r' && p[1] == '\n')))
                {
                    p += *p == '\n' ? 1 : 2;
                    _line++;
                    continue;
                }

                byte* record = p;
                p = ReadRecord(p, end, row, rows.Keys);
                if (_problem is null) row++;
                else p = LeaveOut(record, p, end, rows.Keys);
            }

            _at = (int)(p - origin);
        }

        rows.Count = row;
        return row > 0 || _rejects?.Count > rejected;
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
        _problem = null;
        _brokenQuote = false;
        for (int k = 0; k < keys.Length; k++) _keysBefore[k] = keys[k].Count;
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
            if (length < 0)
            {
                BreakQuote(column, "a quote (\") is left open");
                return end;
            }

            bool last = p[length] == '\n';
            int bare = last && length > 0 && p[length - 1] == '\r' ? length - 1 : length;
            if (_rejects is not null && bare > 0 && *p == '"' && p[bare - 1] != '"') BreakQuote(column, TextAfterQuote);
            else if (column < plain.Length) TakeField(new ReadOnlySpan<byte>(p, bare), column, row, keys);

            lineFeeds += inside;
            p += length + 1;
            column++;
            if (last) break;
        }

        if (column != plain.Length)
            Refuse(null, $"the line has {column} {(column == 1 ? "field" : "fields")} where {plain.Length} are expected; mend the line, or quote a field that holds the delimiter");
        if (!_brokenQuote) _line += lineFeeds + 1;
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
                Refuse(column, $"'{Shown(field)}' is not a number; mend it, leave it empty if it is missing, or give the feature a category map");
        }

        for (int i = 0; i < use.Keys?.Length; i++)
        {
            var key = (BytesKeyBuffer)keys[use.Keys[i]];
            bool present = quoted || field.Length > 0;
            key.Present[row] = present ? (short)1 : (short)0;
            if (present) key.Add(field);
            else if (_rejects is not null) Refuse(column, "the key is missing");
        }
    }

    private ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> field, int column)
    {
        if (field[^1] != '"')
        {
            BreakQuote(column, TextAfterQuote);
            return default;
        }

        field = field[1..^1];
        if (!field.Contains((byte)'"')) return field;

        if (_unquoted.Length < field.Length) _unquoted = new byte[field.Length * 2];
        int written = 0;
        for (int i = 0; i < field.Length; i++)
        {
            _unquoted[written++] = field[i];
            if (field[i] != '"' || (++i < field.Length && field[i] == '"')) continue;
            BreakQuote(column, TextAfterQuote);
            return default;
        }

        return _unquoted.AsSpan(0, written);
    }

    /// <summary>The record at hand cannot be used: an error, or the first reason to leave it out.</summary>
    private void Refuse(int? column, string reason)
    {
        string? name = column < plan.Columns.Length ? plan.Columns[column.Value].Name : column?.ToString(CultureInfo.InvariantCulture);
        if (_rejects is null) throw new TableException(plan.Path, _line, column is { } at ? $"column {Name(at)}: {reason}" : reason) { Column = name };
        _problem ??= new RejectedRow(plan.Path, _line, null, name, reason);
    }

    private void BreakQuote(int column, string reason)
    {
        Refuse(column, reason);
        _brokenQuote = true;
    }

    /// <summary>Takes a bad record back; returns where to read on.</summary>
    private unsafe byte* LeaveOut(byte* record, byte* next, byte* end, KeyBuffer[] keys)
    {
        _rejects!.Add(_problem!);
        for (int k = 0; k < keys.Length; k++) keys[k].Truncate(_keysBefore[k]);
        if (!_brokenQuote) return next;
        _line++;
        return record + new ReadOnlySpan<byte>(record, (int)(end - record)).IndexOf((byte)'\n') + 1;
    }

    private string Name(int column) =>
        column >= plan.Columns.Length ? $"{column}" : $"{column} ('{plan.Columns[column].Name}')";

    private static string Shown(ReadOnlySpan<byte> field)
    {
        string text = Encoding.UTF8.GetString(field);
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
