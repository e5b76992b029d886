using Juoku.Batch.Stores;

namespace Juoku.Batch.Tables.Inputs;

/// <summary>An object that is read over a network, in ranges, several at a time; every range must come from the same version of it.</summary>
internal sealed class ObjectInput(IStore store, StoredObject item, string url) : TableInput(url)
{
    private const int MostRequests = 16;

    private readonly SemaphoreSlim _requests = new(MostRequests);

    public override long Length => item.Length;

    /// <summary>Reads a range; waits while too many are under way.</summary>
    /// <exception cref="ObjectChangedException">The object is gone, or another version.</exception>
    public async Task ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await _requests.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await store.ReadAsync(item, offset, buffer, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _requests.Release();
        }
    }

    /// <summary>
    /// Reads a range for a caller that cannot await: decoders, compressors and Parquet's library pull bytes. The thread pool notices that
    /// one of its threads waits here and adds another.
    /// </summary>
    public void Read(long offset, Memory<byte> buffer, CancellationToken cancellation) => Await(ReadAsync(offset, buffer, cancellation));

    /// <summary>Waits, like <see cref="Read"/>, for a range that was asked for earlier.</summary>
    public static void Await(Task task) => task.GetAwaiter().GetResult();

    internal override int ReadStart(Span<byte> buffer, CancellationToken cancellation)
    {
        byte[] bytes = new byte[(int)Math.Min(buffer.Length, Length)];
        if (bytes.Length > 0) Read(0, bytes, cancellation);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    internal override Stream OpenSequential(CancellationToken cancellation) => new ReadAheadStream(this, cancellation);
}
