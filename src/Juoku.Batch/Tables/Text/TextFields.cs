using System.Text;

namespace Juoku.Batch.Tables.Text;

/// <summary>
/// The rules of a line: fields between delimiters, a field that begins with a quote ends at the next single quote and may hold
/// delimiters, line feeds and doubled quotes; lines end in LF or CR LF.
/// </summary>
internal static class TextFields
{
    /// <summary>Splits the first record of <paramref name="text"/>, which must be complete, into its fields.</summary>
    /// <returns>Bytes of the record, line end included.</returns>
    public static int Split(ReadOnlySpan<byte> text, byte delimiter, List<string> fields)
    {
        int at = 0;
        while (true)
        {
            int length = FieldLength(text[at..], delimiter, out _);
            if (length < 0) return -1;
            ReadOnlySpan<byte> field = text.Slice(at, length);
            int next = at + length;
            bool last = text[next] == '\n';
            if (last && field is [.., (byte)'\r']) field = field[..^1];
            fields.Add(field is [(byte)'"', .., (byte)'"']
                ? Encoding.UTF8.GetString(field[1..^1]).Replace("\"\"", "\"", StringComparison.Ordinal)
                : Encoding.UTF8.GetString(field));
            at = next + 1;
            if (last) return at;
        }
    }

    /// <summary>Bytes from the start of a field to the delimiter or line feed that ends it, or −1 when neither comes.</summary>
    /// <param name="text">Text from the start of the field.</param>
    /// <param name="delimiter">Byte between fields.</param>
    /// <param name="lineFeeds">Line feeds inside the field, when it is quoted.</param>
    public static int FieldLength(ReadOnlySpan<byte> text, byte delimiter, out int lineFeeds)
    {
        lineFeeds = 0;
        int at = 0;
        if (text is [(byte)'"', ..])
        {
            at = 1;
            while (true)
            {
                int quote = text[at..].IndexOf((byte)'"');
                if (quote < 0) return -1;
                lineFeeds += text.Slice(at, quote).Count((byte)'\n');
                at += quote + 1;
                if (at >= text.Length || text[at] != '"') break;
                at++;
            }
        }

        int end = text[at..].IndexOfAny(delimiter, (byte)'\n');
        return end < 0 ? -1 : at + end;
    }

    /// <summary>Bytes up to and including the last line feed that ends a record; 0 when there is none.</summary>
    /// <param name="text">Text that begins at the start of a record.</param>
    /// <param name="delimiter">Byte between fields.</param>
    public static int CompleteRecords(ReadOnlySpan<byte> text, byte delimiter)
    {
        if (!text.Contains((byte)'"')) return text.LastIndexOf((byte)'\n') + 1;

        int complete = 0;
        for (int at = 0; at < text.Length;)
        {
            int length = FieldLength(text[at..], delimiter, out _);
            if (length < 0) break;
            at += length + 1;
            if (text[at - 1] == '\n') complete = at;
        }

        return complete;
    }
}
