using Juoku.Batch.Stores;

namespace Juoku.Learning.Tests.Registry;

/// <summary>
/// A store whose process dies at one of its calls: from that call on, every call throws. Whether the call itself still took place is the
/// other question that a crash leaves open.
/// </summary>
/// <param name="store">What is beneath.</param>
/// <param name="calls">How many calls succeed.</param>
/// <param name="lastTakesPlace">The one that throws first has been carried out all the same.</param>
internal sealed class InterruptedStore(IStore store, int calls, bool lastTakesPlace) : IStore
{
    private int _made;

    /// <summary>Whether it has come to that.</summary>
    public bool IsDown => _made > calls;

    public string Url => store.Url;

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) => In(() => store.FindAsync(key, cancellation));

    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => In(() => store.GetAsync(key, cancellation));

    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => In(async () =>
    {
        await store.ReadAsync(item, offset, buffer, cancellation);
        return true;
    });

    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
        In(() => store.PutAsync(key, content, condition, cancellation));

    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) =>
        In<ObjectWriter>(async () => new Writer(await store.CreateAsync(key, cancellation), this));

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation)
    {
        Count();
        return store.ListAsync(prefix, cancellation);
    }

    public Task DeleteAsync(string key, CancellationToken cancellation) => In(async () =>
    {
        await store.DeleteAsync(key, cancellation);
        return true;
    });

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => In(() => store.SweepAsync(prefix, age, cancellation));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> In<T>(Func<Task<T>> call)
    {
        bool isLast = ++_made == calls + 1;
        if (isLast && lastTakesPlace) await call();
        if (_made > calls) throw new Interruption();
        return await call();
    }

    private void Count()
    {
        if (++_made > calls) throw new Interruption();
    }

    internal sealed class Interruption : Exception;

    private sealed class Writer(ObjectWriter writer, InterruptedStore store) : ObjectWriter
    {
        public override Stream Stream => writer.Stream;

        public override Task<StoredObject> CompleteAsync(CancellationToken cancellation) => store.In(() => writer.CompleteAsync(cancellation));

        public override ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
