namespace Juoku.Batch.Tables.Writing;

/// <summary>
/// The caller's stream as Parquet's library wants to write it: one that knows its position. The first failure is kept, because on its way
/// through native code it becomes a mere text.
/// </summary>
internal sealed class OutputBytes(Stream stream) : Stream
{
    private long _position;
    private bool _abandoned;

    /// <summary>What went wrong first; null when nothing did.</summary>
    public Exception? Fault { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>Lets go of the stream: what is written from now on goes nowhere.</summary>
    public void Abandon() => _abandoned = true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _position += buffer.Length;
        if (_abandoned) return;
        try
        {
            stream.Write(buffer);
        }
        catch (Exception e)
        {
            Fault ??= e;
            throw;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (!_abandoned) stream.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
