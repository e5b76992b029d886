namespace Juoku.Batch.Stores;

/// <summary>A stream to write to, lent to somebody who may close it: that ends the loan, and the stream beneath stays open.</summary>
internal sealed class UnclosedStream(Stream stream) : Stream
{
    private bool _closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_closed;

    public override long Length => stream.Length;

    public override long Position
    {
        get => stream.Position;
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Open.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => Open.Write(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => Open.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Open.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Flush() => stream.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }

    private Stream Open
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return stream;
        }
    }
}
