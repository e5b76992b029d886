using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Text;

namespace Juoku.Batch.Tables;

/// <summary>How the rows of a table are laid down.</summary>
public enum TableKind
{
    /// <summary>Apache Parquet.</summary>
    Parquet,

    /// <summary>Comma-separated values (RFC 4180).</summary>
    Csv,

    /// <summary>Tab-separated values, quoted like CSV where a value needs it.</summary>
    Tsv,
}

/// <summary>Compression around a whole text file. Parquet compresses its own pages.</summary>
public enum TableCompression
{
    /// <summary>None.</summary>
    None,

    /// <summary>gzip, <c>.gz</c>.</summary>
    Gzip,

    /// <summary>Zstandard, <c>.zst</c>.</summary>
    Zstd,
}

/// <summary>Format of a table file.</summary>
/// <param name="Kind">How its rows are laid down.</param>
/// <param name="Compression">Compression around the file.</param>
public readonly record struct TableFormat(TableKind Kind, TableCompression Compression)
{
    /// <summary>The names that <see cref="FromName"/> knows, for messages.</summary>
    public const string KnownNames = ".parquet, .csv, .tsv, .csv.gz, .tsv.gz, .csv.zst or .tsv.zst";

    /// <summary>Byte between two values of a line.</summary>
    public byte Delimiter => Kind == TableKind.Tsv ? (byte)'\t' : (byte)',';

    /// <summary>The format that a file's name promises; null when the name says nothing.</summary>
    public static TableFormat? FromName(string path)
    {
        TableCompression compression = CompressionOf(path);
        string name = compression == TableCompression.None ? path : Path.GetFileNameWithoutExtension(path);
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".parquet" or ".pq" when compression == TableCompression.None => new TableFormat(TableKind.Parquet, compression),
            ".csv" => new TableFormat(TableKind.Csv, compression),
            ".tsv" or ".tab" => new TableFormat(TableKind.Tsv, compression),
            _ => null,
        };
    }

    /// <summary>
    /// The format of what is there. What the first bytes say about Parquet and compression counts more than the name;
    /// the name decides between commas and tabs, and where it says nothing the first line does.
    /// </summary>
    /// <exception cref="TableException">The file is empty, or is not what its name promises.</exception>
    public static TableFormat Detect(TableInput input, CancellationToken cancellation = default)
    {
        string path = input.Name;
        TableFormat? named = FromName(path);
        Span<byte> magic = stackalloc byte[4];
        int read = input.ReadStart(magic, cancellation);
        if (read == 0) throw new TableException(path, "the file is empty: a table needs a header line or at least one row");

        magic = magic[..read];
        if (magic.SequenceEqual("PAR1"u8)) return new TableFormat(TableKind.Parquet, TableCompression.None);
        if (named?.Kind == TableKind.Parquet)
            throw new TableException(path, "not a Parquet file: it does not begin with PAR1; write it again, or name it .csv or .tsv if it is text");

        TableCompression compression = magic switch
        {
            [0x1f, 0x8b, ..] => TableCompression.Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => TableCompression.Zstd,
            _ => TableCompression.None,
        };
        if (compression == TableCompression.None && CompressionOf(path) != TableCompression.None)
            throw new TableException(path, $"not a {Path.GetExtension(path)} file: its first bytes are something else; rename it or compress it again");

        TableKind kind = named?.Kind ?? KindOfFirstLine(input, compression, cancellation);
        return new TableFormat(kind, compression);
    }

    /// <summary>Wraps a file's bytes in the decompression they need.</summary>
    public static Stream Decompress(Stream file, TableCompression compression) => compression switch
    {
        TableCompression.Gzip => new WholeGzipStream(file),
        TableCompression.Zstd => new ZstdSharp.DecompressionStream(file, bufferSize: 1 << 17, leaveOpen: false),
        _ => file,
    };

    private static TableCompression CompressionOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".gz" => TableCompression.Gzip,
        ".zst" => TableCompression.Zstd,
        _ => TableCompression.None,
    };

    private static TableKind KindOfFirstLine(TableInput input, TableCompression compression, CancellationToken cancellation)
    {
        byte[] start = new byte[1 << 16];
        int length;
        try
        {
            using Stream text = Decompress(input.OpenSequential(cancellation), compression);
            length = text.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException)
        {
            throw new TableException(input.Name, $"the compressed data is damaged ({e.Message})", e);
        }

        ReadOnlySpan<byte> line = start.AsSpan(0, length);
        int end = line.IndexOf((byte)'\n');
        if (end >= 0) line = line[..end];
        return line.Contains((byte)'\t') ? TableKind.Tsv : TableKind.Csv;
    }
}
