using System.Buffers.Binary;
using System.Collections.Immutable;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>
/// An object as Parquet's library wants to read it: from any position. It asks from one thread at a time and keeps the others waiting, so
/// what it asks for should be there already: the end of the object, which holds the footer, is kept, and row groups are read ahead of their
/// decoding. The first failure is kept too, because on its way through native code it becomes a mere text.
/// </summary>
internal sealed class ObjectBytes(ObjectInput input, CancellationToken cancellation) : ReadOnlyStream
{
    /// <summary>Bytes of the end that are read at once.</summary>
    public const int TailBytes = 1 << 18;

    private readonly Lock _lock = new();
    private readonly long _tailStart = Math.Max(0, input.Length - TailBytes);
    private ImmutableList<ChunkPrefetch> _ahead = [];
    private byte[]? _tail;

    /// <summary>What went wrong first; null when nothing did.</summary>
    public Exception? Fault { get; private set; }

    public override bool CanSeek => true;

    public override long Length => input.Length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = (int)Math.Min(buffer.Length, Length - Position);
            if (read <= 0) return 0;
            read = ReadAt(Position, buffer[..read]);
            Position += read;
            return read;
        }
        catch (Exception e)
        {
            Fault ??= e;
            throw;
        }
    }

    /// <summary>Where the column chunks of each row group lie; to be asked after the library has found the file in order.</summary>
    public ImmutableArray<ImmutableArray<ByteRange>> Chunks()
    {
        Span<byte> end = stackalloc byte[ParquetFooter.TailBytes];
        ReadAt(Length - end.Length, end);
        int length = BinaryPrimitives.ReadInt32LittleEndian(end);
        byte[] footer = new byte[length];
        for (int at = 0; at < length;) at += ReadAt(Length - end.Length - length + at, footer.AsSpan(at));
        return ParquetFooter.Read(footer);
    }

    /// <summary>Begins to read a row group's chunks, until disposed.</summary>
    public IDisposable ReadAhead(IEnumerable<ByteRange> chunks)
    {
        var prefetch = new ChunkPrefetch(input, chunks, cancellation);
        lock (_lock) _ahead = _ahead.Add(prefetch);
        return new Ending(this, prefetch);
    }

    private int ReadAt(long position, Span<byte> buffer)
    {
        foreach (ChunkPrefetch prefetch in _ahead)
            if (prefetch.Read(position, buffer) is > 0 and int read) return read;

        if (position < _tailStart)
        {
            byte[] bytes = new byte[(int)Math.Min(buffer.Length, _tailStart - position)];
            input.Read(position, bytes, cancellation);
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        if (_tail is null)
        {
            byte[] tail = new byte[Length - _tailStart];
            input.Read(_tailStart, tail, cancellation);
            _tail = tail;
        }

        int count = (int)Math.Min(buffer.Length, Length - position);
        _tail.AsSpan((int)(position - _tailStart), count).CopyTo(buffer);
        return count;
    }

    private void End(ChunkPrefetch prefetch)
    {
        lock (_lock) _ahead = _ahead.Remove(prefetch);
        prefetch.Dispose();
    }

    private sealed class Ending(ObjectBytes bytes, ChunkPrefetch prefetch) : IDisposable
    {
        public void Dispose() => bytes.End(prefetch);
    }
}
