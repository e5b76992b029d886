using System.Buffers;
using System.Buffers.Binary;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Juoku.Batch.Stores;

namespace Juoku.Azure.Stores;

/// <summary>
/// Writes a blob in blocks, a few of them under way at a time. Blocks are invisible until a list of them is committed, which makes the
/// object appear whole; blocks that are never committed the service drops by itself.
/// </summary>
/// <remarks>
/// All writers of one blob share its uncommitted blocks, and a commit drops those that it does not list. So of two writers of one name the
/// slower may find its blocks gone: then its object was replaced by the other's as soon as it appeared, and the other's is what it returns.
/// </remarks>
internal sealed class BlobObjectWriter : ObjectWriter
{
    private const int BlockSize = 8 << 20;
    private const int MostUnderWay = 3;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly BlockBlobClient _blob;
    private readonly string _key;
    private readonly Func<Task<StoredObject?>> _find;
    private readonly BlobFaults _faults;
    private readonly byte[] _writer = Guid.NewGuid().ToByteArray();
    private readonly DateTimeOffset _begun = TimeProvider.System.GetUtcNow();
    private readonly List<string> _names = [];
    private readonly List<Task> _uploads = [];
    private readonly SemaphoreSlim _free = new(MostUnderWay);
    private readonly CancellationTokenSource _abandoned = new();
    private readonly BlockStream _stream;

    public BlobObjectWriter(BlockBlobClient blob, string key, Func<Task<StoredObject?>> find, BlobFaults faults)
    {
        (_blob, _key, _find, _faults) = (blob, key, find, faults);
        _stream = new BlockStream(this);
    }

    public override Stream Stream => _stream;

    public override async Task<StoredObject> CompleteAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await _stream.SendRestAsync(cancellation).ConfigureAwait(false);
        await Task.WhenAll(_uploads).WaitAsync(cancellation).ConfigureAwait(false);
        return await _faults.InAsync(_key, "be completed", async () =>
        {
            try
            {
                BlobContentInfo put = await _blob.CommitBlockListAsync(_names, cancellationToken: cancellation).ConfigureAwait(false);
                return new StoredObject(_key, _stream.Position, BlobStore.Unquoted(put.ETag), put.LastModified);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidBlockList)
            {
                // Either another commit dropped the blocks, or a first attempt of ours came through and its answer was lost.
                StoredObject? theirs = await _find().ConfigureAwait(false);
                if (theirs is null || theirs.Modified < _begun - ClockSkew) throw;
                return theirs;
            }
        }, cancellation).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_uploads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // their faults were reported, or concern nobody
        await _stream.DisposeAsync().ConfigureAwait(false);
        _stream.Release();
        _abandoned.Dispose();
        _free.Dispose();
    }

    /// <summary>Sends a block on its way; a turn has been waited for.</summary>
    private void Send(byte[] block, int length)
    {
        // Names have one length for all blocks of a blob, and are no other writer's.
        var name = new byte[_writer.Length + sizeof(int)];
        _writer.CopyTo(name, 0);
        BinaryPrimitives.WriteInt32BigEndian(name.AsSpan(_writer.Length), _names.Count);
        _names.Add(Convert.ToBase64String(name));
        _uploads.Add(UploadAsync(_names[^1], block, length));
    }

    private Task UploadAsync(string name, byte[] block, int length) => _faults.InAsync(_key, "be written", async () =>
    {
        try
        {
            using var body = new MemoryStream(block, 0, length, writable: false);
            await _blob.StageBlockAsync(name, body, cancellationToken: _abandoned.Token).ConfigureAwait(false);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            _free.Release();
        }
    }, _abandoned.Token);

    /// <summary>Throws what an upload has run into.</summary>
    private void ThrowIfFailed() => _uploads.Find(upload => upload.IsFaulted)?.GetAwaiter().GetResult();

    /// <summary>Gathers blocks.</summary>
    private sealed class BlockStream(BlobObjectWriter writer) : Stream
    {
        private byte[]? _block;
        private int _filled;
        private long _length;
        private bool _closed;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => !_closed;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                if (_filled == BlockSize)
                {
                    writer._free.Wait();
                    SendBlock();
                }

                buffer = buffer[Take(buffer)..];
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (!buffer.IsEmpty)
            {
                if (_filled == BlockSize) await SendRestAsync(cancellationToken).ConfigureAwait(false);
                buffer = buffer[Take(buffer.Span)..];
            }
        }

        public async Task SendRestAsync(CancellationToken cancellation)
        {
            if (_filled == 0) return;
            await writer._free.WaitAsync(cancellation).ConfigureAwait(false);
            SendBlock();
        }

        /// <summary>Gives the buffer back; nobody writes any more.</summary>
        public void Release()
        {
            if (_block is not null) ArrayPool<byte>.Shared.Return(_block);
            _block = null;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _closed = true; // what was written stays: the object is completed after its stream was closed
            base.Dispose(disposing);
        }

        private void SendBlock()
        {
            byte[] block = _block!;
            int length = _filled;
            (_block, _filled) = (null, 0);
            writer.Send(block, length);
        }

        private int Take(ReadOnlySpan<byte> bytes)
        {
            ObjectDisposedException.ThrowIf(_closed, writer);
            writer.ThrowIfFailed();
            _block ??= ArrayPool<byte>.Shared.Rent(BlockSize);
            int count = Math.Min(bytes.Length, BlockSize - _filled);
            bytes[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            _length += count;
            return count;
        }
    }
}
