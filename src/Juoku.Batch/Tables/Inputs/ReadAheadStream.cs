using System.Buffers;

namespace Juoku.Batch.Tables.Inputs;

/// <summary>An object from start to end; a few ranges are under way before they are needed.</summary>
internal sealed class ReadAheadStream : ReadOnlyStream
{
    private const int RangeBytes = 1 << 21;
    private const int RangesAhead = 4;

    private readonly ObjectInput _input;
    private readonly CancellationTokenSource _stop;
    private readonly Queue<Range> _ahead = [];
    private Range? _current;
    private long _requested;
    private long _position;

    public ReadAheadStream(ObjectInput input, CancellationToken cancellation)
    {
        _input = input;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    public override bool CanSeek => false;

    public override long Length => _input.Length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_position == Length || buffer.IsEmpty) return 0;
        while (_ahead.Count < RangesAhead && _requested < Length) Request();
        if (_current is null)
        {
            _current = _ahead.Dequeue();
            ObjectInput.Await(_current.Loading);
        }

        int at = (int)(_position - _current.Start);
        int count = Math.Min(buffer.Length, _current.Length - at);
        _current.Bytes.AsSpan(at, count).CopyTo(buffer);
        _position += count;
        if (at + count < _current.Length) return count;
        ArrayPool<byte>.Shared.Return(_current.Bytes);
        _current = null;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        // Buffers that are still being filled are left to the collector.
        if (disposing) _stop.Cancel();
        base.Dispose(disposing);
    }

    private void Request()
    {
        int length = (int)Math.Min(RangeBytes, Length - _requested);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        _ahead.Enqueue(new Range(_requested, length, bytes, _input.ReadAsync(_requested, bytes.AsMemory(0, length), _stop.Token)));
        _requested += length;
    }

    private sealed record Range(long Start, int Length, byte[] Bytes, Task Loading);
}
