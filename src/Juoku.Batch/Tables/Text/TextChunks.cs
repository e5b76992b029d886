using System.Buffers;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Tables.Text;

/// <summary>A run of complete records, in a rented buffer.</summary>
/// <param name="Buffer">Rented from the shared pool.</param>
/// <param name="Length">Bytes used; the last is a line feed.</param>
/// <param name="FirstLine">Line number of the first record, from 1.</param>
/// <param name="FileBytes">Bytes of the file, still compressed, that were read for it.</param>
internal readonly record struct TextChunk(byte[] Buffer, int Length, long FirstLine, long FileBytes);

/// <summary>Cuts a decompressed stream into chunks of whole records, so that threads can parse them side by side.</summary>
internal sealed class TextChunks : IDisposable
{
    /// <summary>Bytes of a chunk: long enough to make handing it to a thread cheap, short enough to stay in the cache.</summary>
    public const int TargetBytes = 1 << 20;

    private const int MostBytes = 1 << 26;

    private readonly string _path;
    private readonly byte _delimiter;
    private readonly Stream _file;
    private readonly Stream _text;
    private byte[] _carry = [];
    private int _carried;
    private long _line = 1;
    private long _filePosition;
    private bool _started;
    private bool _ended;

    public TextChunks(TableInput input, TableFormat format, CancellationToken cancellation)
    {
        _path = input.Name;
        _delimiter = format.Delimiter;
        _file = input.OpenSequential(cancellation);
        _text = TableFormat.Decompress(_file, format.Compression);
    }

    /// <summary>The next chunk, or null at the end of the file.</summary>
    public TextChunk? Next()
    {
        if (_ended) return null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(TargetBytes, _carried + TargetBytes / 2));
        _carry.AsSpan(0, _carried).CopyTo(buffer);
        int length = _carried;
        while (true)
        {
            // One byte is kept for the line feed that a last line may lack.
            int read = Fill(buffer.AsSpan(length, buffer.Length - 1 - length));
            _ended = length + read < buffer.Length - 1;
            length += read;
            if (!_started) length = SkipByteOrderMark(buffer, length);
            int complete = _ended ? Finish(buffer, ref length) : TextFields.CompleteRecords(buffer.AsSpan(0, length), _delimiter);
            if (complete > 0) return Cut(buffer, complete, length);
            if (_ended)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                return null;
            }

            if (length >= MostBytes)
            {
                // A quote is left open. Cut between lines; who parses them says where.
                complete = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
                if (complete > 0) return Cut(buffer, complete, length);
                throw new TableException(_path, _line, $"the line is longer than {MostBytes >> 20} MiB; is this a text file?");
            }

            byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        _file.Dispose();
    }

    private TextChunk Cut(byte[] buffer, int complete, int length)
    {
        _carried = length - complete;
        if (_carry.Length < _carried) _carry = new byte[_carried * 2];
        buffer.AsSpan(complete, _carried).CopyTo(_carry);

        long position = _file.Position;
        var chunk = new TextChunk(buffer, complete, _line, position - _filePosition);
        _filePosition = position;
        _line += buffer.AsSpan(0, complete).Count((byte)'\n');
        return chunk;
    }

    private static int Finish(byte[] buffer, ref int length)
    {
        if (length > 0 && buffer[length - 1] != '\n') buffer[length++] = (byte)'\n';
        return length;
    }

    private int SkipByteOrderMark(byte[] buffer, int length)
    {
        _started = true;
        ReadOnlySpan<byte> text = buffer.AsSpan(0, length);
        if (text is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
            throw new TableException(_path, "the text is UTF-16; save it as UTF-8");
        if (text is not [0xef, 0xbb, 0xbf, ..]) return length;
        text[3..].CopyTo(buffer);
        return length - 3;
    }

    private int Fill(Span<byte> span)
    {
        try
        {
            return _text.ReadAtLeast(span, span.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException)
        {
            throw new TableException(_path, $"the compressed data is damaged after line {_line} ({e.Message}); copy or write the file again", e);
        }
    }
}
