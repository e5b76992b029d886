using System.IO.Compression;

namespace Juoku.Batch.Tables.Text;

/// <summary>
/// Decompresses gzip and notices when the file was cut short, which the framework's stream passes off as the end of the data. The idea: behind
/// the file's last byte a member of our own is fed to the decompressor. If the file is whole, its text comes out last and is taken off
/// again; if a member of the file never ended, ours is swallowed as compressed data and its text is missing.
/// </summary>
internal sealed class WholeGzipStream : Stream
{
    private static readonly byte[] Mark = [.. "\0juoku-end-mark\0"u8];

    private readonly GZipStream _gzip;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;

    public WholeGzipStream(Stream file) => _gzip = new GZipStream(new Followed(file, MarkMember()), CompressionMode.Decompress);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        while (_end - _start <= Mark.Length && !_ended) Fill();
        int count = Math.Min(buffer.Length, _end - _start - Mark.Length);
        if (count <= 0) return 0;
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = _gzip.Read(_buffer.AsSpan(_end));
        _end += read;
        _ended = read == 0;
        if (_ended && !_buffer.AsSpan(0, _end).EndsWith(Mark)) throw new InvalidDataException("the file ends in the middle of its compressed data");
    }

    private static byte[] MarkMember()
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) gzip.Write(Mark);
        return bytes.ToArray();
    }

    /// <summary>A stream with some bytes behind its end.</summary>
    private sealed class Followed(Stream first, byte[] then) : Stream
    {
        private int _next;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read = first.Read(buffer);
            if (read > 0 || buffer.IsEmpty) return read;
            read = Math.Min(buffer.Length, then.Length - _next);
            then.AsSpan(_next, read).CopyTo(buffer);
            _next += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) first.Dispose();
            base.Dispose(disposing);
        }
    }
}
