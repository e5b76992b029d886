using System.Buffers;
using Amazon.S3.Model;
using Juoku.Batch.Stores;

namespace Juoku.Aws.Stores;

/// <summary>
/// Writes an object of an <see cref="S3Store"/>: what fits one part is put at once, the rest is a multipart upload, whose parts travel while
/// the next is filled. Parts grow with the object, so that the 10,000 that S3 allows hold 860 GiB and an object of ordinary size takes
/// 32 MiB of memory.
/// </summary>
internal sealed class S3ObjectWriter : ObjectWriter
{
    /// <summary>Size of the first thousand parts; it doubles with each thousand, four times.</summary>
    internal const int FirstPart = 8 << 20;

    private const int Doublings = 4;
    private const int MostParts = 10_000;
    private const int InFlight = 3;

    private readonly S3Store _store;
    private readonly MultipartUpload _upload;
    private readonly string _key;
    private readonly SemaphoreSlim _permits = new(InFlight);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task<PartETag>> _parts = [];
    private readonly PartStream _stream;
    private long _length;
    private bool _ended;

    public S3ObjectWriter(S3Store store, MultipartUpload upload, string key)
    {
        (_store, _upload, _key) = (store, upload, key);
        _stream = new PartStream(this);
    }

    public override Stream Stream => _stream;

    public override async Task<StoredObject> CompleteAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        using CancellationTokenRegistration stop = cancellation.Register(_stop.Cancel);
        ReadOnlyMemory<byte> rest = _stream.Rest;
        if (!_upload.Begun && _parts.Count == 0)
        {
            StoredObject? put = await _store.PutAsync(_key, rest, PutCondition.None, cancellation).ConfigureAwait(false);
            _ended = true;
            return put!;
        }

        if (!rest.IsEmpty)
        {
            await _permits.WaitAsync(cancellation).ConfigureAwait(false);
            Send(_stream.TakeBuffer(), rest.Length);
        }

        List<PartETag> parts = [.. await Task.WhenAll(_parts).ConfigureAwait(false)];
        string etag = await _upload.CompleteAsync(parts, () => _store.HeadAsync(_key, cancellation), cancellation).ConfigureAwait(false);
        _ended = true;
        if (etag.Length > 0) return new StoredObject(_key, _length, etag, TimeProvider.System.GetUtcNow());
        return await _store.FindAsync(_key, cancellation).ConfigureAwait(false) ?? throw new ObjectChangedException(_store.Url, "just written", null);
    }

    public override async ValueTask DisposeAsync()
    {
        bool completed = _ended;
        _ended = true;
        if (!completed)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(_parts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one that still travelled would come after the abort
            if (_upload.Begun)
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
                try
                {
                    await _upload.AbortAsync(limit.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is StoreException or OperationCanceledException)
                {
                    // Nobody sees the parts; a sweep removes them once the server answers again.
                }
            }
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
        _permits.Dispose();
        _stop.Dispose();
    }

    private static int SizeOfPart(int number) => FirstPart << Math.Min((number - 1) / 1000, Doublings);

    /// <summary>Waits until another part may travel; fails as soon as an earlier one has.</summary>
    private void WaitForTurn()
    {
        _permits.Wait(_stop.Token);
        ThrowIfFailed();
    }

    private async ValueTask WaitForTurnAsync(CancellationToken cancellation)
    {
        await _permits.WaitAsync(cancellation).ConfigureAwait(false);
        ThrowIfFailed();
    }

    private void ThrowIfFailed()
    {
        Task<PartETag>? failed = _parts.Find(part => part.IsFaulted);
        if (failed is null) return;
        _permits.Release();
        failed.GetAwaiter().GetResult();
    }

    private void Send(byte[] buffer, int length)
    {
        if (_parts.Count == MostParts) throw new StoreException(_store.Url, $"{_key} is larger than S3 can take in {MostParts} parts");
        _length += length;
        int number = _parts.Count + 1;
        _parts.Add(Task.Run(async () =>
        {
            try
            {
                return await _upload.PutPartAsync(number, buffer, length, _stop.Token).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
                _permits.Release();
            }
        }));
    }

    /// <summary>Collects what is written into parts.</summary>
    private sealed class PartStream(S3ObjectWriter writer) : Stream
    {
        private byte[]? _buffer;
        private int _filled;
        private int _size;
        private bool _closed;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => !_closed;

        public override long Length => writer._length + _filled;

        public override long Position
        {
            get => Length;
            set => throw new NotSupportedException();
        }

        /// <summary>What no part has yet.</summary>
        public ReadOnlyMemory<byte> Rest => _buffer.AsMemory(0, _filled);

        public byte[] TakeBuffer()
        {
            byte[] buffer = _buffer!;
            (_buffer, _filled) = (null, 0);
            return buffer;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                if (IsFull)
                {
                    writer.WaitForTurn();
                    SendBuffer();
                }

                buffer = buffer[Take(buffer)..];
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (!buffer.IsEmpty)
            {
                if (IsFull)
                {
                    await writer.WaitForTurnAsync(cancellationToken).ConfigureAwait(false);
                    SendBuffer();
                }

                buffer = buffer[Take(buffer.Span)..];
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _closed = true;
            if (_buffer is not null && writer._ended) ArrayPool<byte>.Shared.Return(TakeBuffer());
            base.Dispose(disposing);
        }

        private bool IsFull => _buffer is not null && _filled == _size;

        private void SendBuffer()
        {
            int length = _filled;
            writer.Send(TakeBuffer(), length);
        }

        private int Take(ReadOnlySpan<byte> bytes)
        {
            ObjectDisposedException.ThrowIf(_closed, writer);
            _size = SizeOfPart(writer._parts.Count + 1);
            _buffer ??= ArrayPool<byte>.Shared.Rent(_size);
            int count = Math.Min(bytes.Length, _size - _filled);
            bytes[..count].CopyTo(_buffer.AsSpan(_filled));
            _filled += count;
            return count;
        }
    }
}
