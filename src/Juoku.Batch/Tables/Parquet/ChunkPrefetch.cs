using System.Buffers;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>
/// Reads the column chunks of one row group ahead of their decoding. The idea: chunks are read side by side, each from start to end, so the
/// file is cut into blocks, and those that hold bytes of a chunk are fetched in the order in which decoding gets to them, by how far
/// through its chunk a block lies. Fetched and not yet read are a fixed number of bytes, whatever the size of the row group; neighbouring small
/// chunks share a block, hence a request. A block that decoding gets to before it was asked for is fetched at once.
/// </summary>
internal sealed class ChunkPrefetch : IDisposable
{
    private const long AheadBytes = 48L << 20;
    private const long SmallestBlock = 1L << 16;
    private const long LargestBlock = 1L << 21;

    private readonly Lock _lock = new();
    private readonly ObjectInput _input;
    private readonly CancellationTokenSource _stop;
    private readonly ByteRange[] _chunks;
    private readonly long _blockBytes;
    private readonly Dictionary<long, Block> _blocks = [];
    private readonly Block[] _order;
    private int _next;
    private long _held;

    /// <summary>Begins to read.</summary>
    /// <param name="input">The object.</param>
    /// <param name="chunks">The chunks that will be decoded.</param>
    /// <param name="cancellation">Stops.</param>
    public ChunkPrefetch(ObjectInput input, IEnumerable<ByteRange> chunks, CancellationToken cancellation)
    {
        _input = input;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _chunks = [.. chunks.Where(chunk => chunk.Length > 0 && chunk.Start >= 0 && chunk.End <= input.Length).OrderBy(chunk => chunk.Start)];
        _blockBytes = Math.Clamp(AheadBytes / 2 / Math.Max(1, _chunks.Length), SmallestBlock, LargestBlock);
        foreach (ByteRange chunk in _chunks)
        {
            for (long index = chunk.Start / _blockBytes; index * _blockBytes < chunk.End; index++)
            {
                if (!_blocks.TryGetValue(index, out Block? block)) _blocks.Add(index, block = new Block());
                block.Needs(Math.Max(chunk.Start, index * _blockBytes), Math.Min(chunk.End, (index + 1) * _blockBytes), chunk);
            }
        }

        _order = [.. _blocks.Values.OrderBy(block => block.Progress).ThenBy(block => block.Start)];
        lock (_lock) FetchAhead();
    }

    /// <summary>Copies bytes from where one chunk is being read; 0 where none of this row group lies, or where bytes were read before.</summary>
    public int Read(long position, Span<byte> buffer)
    {
        if (ChunkAt(position) is not { } chunk || !_blocks.TryGetValue(position / _blockBytes, out Block? block)) return 0;
        Task? loading;
        lock (_lock)
        {
            if (block.Uses == 0) return 0;
            if (block.Loading is null) Fetch(block);
            loading = block.Loading;
        }

        ObjectInput.Await(loading!);
        long end = Math.Min(block.End, chunk.End);
        int count = (int)Math.Min(buffer.Length, end - position);
        block.Bytes.AsSpan((int)(position - block.Start), count).CopyTo(buffer);
        if (position + count == end) Leave(block);
        return count;
    }

    /// <summary>Stops reading. Buffers that are still being filled are left to the collector.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_lock)
        {
            foreach (Block block in _order.Where(block => block.Uses > 0))
            {
                block.Uses = 0;
                if (block.Loading is { IsCompletedSuccessfully: true }) ArrayPool<byte>.Shared.Return(block.Bytes);
                block.Bytes = [];
            }
        }
    }

    private ByteRange? ChunkAt(long position)
    {
        int low = 0, high = _chunks.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_chunks[middle].End <= position) low = middle + 1;
            else high = middle;
        }

        return low < _chunks.Length && _chunks[low].Start <= position ? _chunks[low] : null;
    }

    private void Leave(Block block)
    {
        lock (_lock)
        {
            if (block.Uses == 0 || --block.Uses > 0) return;
            ArrayPool<byte>.Shared.Return(block.Bytes);
            block.Bytes = [];
            _held -= block.Length;
            FetchAhead();
        }
    }

    private void FetchAhead()
    {
        for (; _next < _order.Length && (_held == 0 || _held + _order[_next].Length <= AheadBytes); _next++)
            if (_order[_next] is { Loading: null, Uses: > 0 } block) Fetch(block);
    }

    private void Fetch(Block block)
    {
        _held += block.Length;
        block.Bytes = ArrayPool<byte>.Shared.Rent(block.Length);
        block.Loading = _input.ReadAsync(block.Start, block.Bytes.AsMemory(0, block.Length), _stop.Token);
    }

    /// <summary>The bytes of a block that some chunk needs.</summary>
    private sealed class Block
    {
        public long Start { get; private set; } = long.MaxValue;

        public long End { get; private set; }

        public int Length => (int)(End - Start);

        /// <summary>How far through its chunk the first byte of the block lies, 0 to 1; the least where chunks share it.</summary>
        public double Progress { get; private set; } = 1;

        /// <summary>Chunks that have not been read to their end in this block.</summary>
        public int Uses { get; set; }

        public Task? Loading { get; set; }

        public byte[] Bytes { get; set; } = [];

        public void Needs(long start, long end, ByteRange chunk)
        {
            Start = Math.Min(Start, start);
            End = Math.Max(End, end);
            Progress = Math.Min(Progress, (start - chunk.Start) / (double)chunk.Length);
            Uses++;
        }
    }
}
