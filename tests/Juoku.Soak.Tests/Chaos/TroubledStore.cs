using System.Runtime.CompilerServices;
using Juoku.Batch.Stores;

namespace Juoku.Soak.Tests.Chaos;

/// <summary>A store whose calls go wrong now and then.</summary>
internal sealed class TroubledStore(IStore inner, Trouble trouble) : IStore
{
    public string Url => inner.Url;

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) => trouble.MakeAsync("store.find", () => inner.FindAsync(key, cancellation));

    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => trouble.MakeAsync("store.get", () => inner.GetAsync(key, cancellation));

    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => trouble.MakeAsync("store.read", async () =>
    {
        await inner.ReadAsync(item, offset, buffer, cancellation);
        return true;
    });

    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
        trouble.MakeAsync("store.put", () => inner.PutAsync(key, content, condition, cancellation));

    public async Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) => new Writer(await inner.CreateAsync(key, cancellation), trouble);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<StoredObject> items = await trouble.MakeAsync("store.list", () => inner.ListAsync(prefix, cancellation).ToListAsync(cancellation).AsTask());
        foreach (StoredObject item in items) yield return item;
    }

    public Task DeleteAsync(string key, CancellationToken cancellation) => trouble.MakeAsync("store.delete", async () =>
    {
        await inner.DeleteAsync(key, cancellation);
        return true;
    });

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => inner.SweepAsync(prefix, age, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Writer(ObjectWriter inner, Trouble trouble) : ObjectWriter
    {
        private Task<StoredObject>? _completed;

        public override Stream Stream => inner.Stream;

        // A writer can be completed once: a second call hears of the first.
        public override Task<StoredObject> CompleteAsync(CancellationToken cancellation) =>
            trouble.MakeAsync("store.complete", () => _completed ??= inner.CompleteAsync(cancellation));

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
