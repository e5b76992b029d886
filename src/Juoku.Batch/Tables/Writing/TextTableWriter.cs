using System.IO.Compression;
using System.Text;

namespace Juoku.Batch.Tables.Writing;

/// <summary>Writes CSV and TSV. Lines are formatted beforehand, by whichever thread scored them; here they are only compressed and written.</summary>
internal sealed class TextTableWriter : TableWriter
{
    private readonly OutputTable _table;
    private readonly Stream _output;
    private readonly Stream _stream;

    public TextTableWriter(OutputTable table, Stream output)
    {
        _table = table;
        _output = output;
        _stream = table.Format.Compression switch
        {
            TableCompression.Gzip => new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true),
            TableCompression.Zstd => new ZstdSharp.CompressionStream(output, level: 1, leaveOpen: true),
            _ => output,
        };
        if (table.WritesHeader) Writing(WriteHeader);
    }

    public override void Write(OutputRows rows) => Writing(() => _stream.Write(rows.Text.Written));

    public override void Complete() => Writing(() =>
    {
        if (_stream != _output) _stream.Dispose();
        _output.Flush();
    });

    public override void Dispose()
    {
        // An abandoned compressor would still write its end; it is left to the collector.
    }

    private void WriteHeader()
    {
        var header = new ByteText();
        foreach (string name in _table.Keys.Select(key => key.Name).Concat(_table.Scores))
        {
            if (header.Written.Length > 0) header.Append(_table.Format.Delimiter);
            header.AppendField(Encoding.UTF8.GetBytes(name), _table.Format.Delimiter);
        }

        header.Append((byte)'\n');
        _stream.Write(header.Written);
    }

    private void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(_table.Name, $"cannot be written ({e.Message}); nothing was left there", e);
        }
    }
}

/// <summary>Formats batches of rows as lines; one instance a thread.</summary>
internal sealed class TextRows(OutputTable table)
{
    private readonly KeyText[] _keys = KeyTexts(table);
    private readonly byte _delimiter = table.Format.Delimiter;

    public static KeyText[] KeyTexts(OutputTable table) => [.. table.Keys.Select(key => KeyText.For(key, table.Name))];

    public void Format(OutputRows rows)
    {
        ByteText text = rows.Text;
        text.Clear();
        for (int k = 0; k < _keys.Length; k++) _keys[k].Begin(rows.Keys[k]);
        for (int row = 0; row < rows.Count; row++)
        {
            for (int k = 0; k < _keys.Length; k++)
            {
                if (rows.Keys[k].Present[row] != 0) _keys[k].AppendNext(text, _delimiter);
                text.Append(_delimiter);
            }

            for (int output = 0; output < rows.Outputs; output++)
            {
                if (output > 0) text.Append(_delimiter);
                double score = rows.Scores[row * rows.Outputs + output];
                if (table.ScoreType == ScoreType.Float) text.Append((float)score, "R");
                else text.Append(score, "R");
            }

            text.Append((byte)'\n');
        }
    }
}
