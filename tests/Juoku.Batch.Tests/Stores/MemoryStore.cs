using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Stores;

/// <summary>Objects in memory, read as over a network: late, out of order, and not always.</summary>
internal sealed class MemoryStore : IStore
{
    private readonly Dictionary<string, (byte[] Content, StoredObject Item)> _objects = [];
    private int _versions;
    private int _reads;
    private int _inFlight;
    private int _mostInFlight;
    private long _bytes;

    public string Url => "memory://bucket";

    /// <summary>Called before the n-th range is read, from 1.</summary>
    public Func<int, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    public int Reads => _reads;

    public long BytesRead => _bytes;

    public int MostInFlight => _mostInFlight;

    public StoredObject Put(string key, byte[] content)
    {
        var item = new StoredObject(key, content.Length, $"v{++_versions}", DateTimeOffset.UnixEpoch);
        _objects[key] = (content, item);
        return item;
    }

    public async Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        int now = Interlocked.Increment(ref _inFlight);
        Interlocked.Add(ref _bytes, buffer.Length);
        int most;
        while (now > (most = _mostInFlight)) Interlocked.CompareExchange(ref _mostInFlight, now, most);
        try
        {
            await BeforeRead(Interlocked.Increment(ref _reads));
            cancellation.ThrowIfCancellationRequested();
            string? found = _objects.TryGetValue(item.Key, out var stored) ? stored.Item.ETag : null;
            if (found != item.ETag) throw new ObjectChangedException($"{Url}/{item.Key}", item.ETag, found);
            stored.Content.AsSpan((int)offset, buffer.Length).CopyTo(buffer.Span);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) =>
        Task.FromResult(_objects.TryGetValue(key, out var stored) ? stored.Item : null);

    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) => throw new NotSupportedException();

    public Task DeleteAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
