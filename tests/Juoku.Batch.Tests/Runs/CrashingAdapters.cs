using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs;

/// <summary>
/// A process that dies at its n-th call of a store or a queue: that call takes effect or not, and neither it nor any later one returns an
/// answer. What the process does afterwards reaches nobody.
/// </summary>
internal sealed class Crash(int atCall, bool takesEffect)
{
    private readonly CancellationTokenSource _died = new();
    private int _calls;

    public int Calls => _calls;

    public CancellationToken Died => _died.Token;

    public async Task<T> CallAsync<T>(Func<Task<T>> call, Func<Exception> death)
    {
        int number = Interlocked.Increment(ref _calls);
        if (number == atCall)
        {
            try
            {
                // A writer that nobody holds is let go, as the system does with the files of a dead process.
                if (takesEffect && await call() is IAsyncDisposable writer) await writer.DisposeAsync();
            }
            finally
            {
                await _died.CancelAsync();
            }
        }

        return number < atCall ? await call() : throw death();
    }
}

internal sealed class CrashingStore(IStore store, Crash crash) : IStore
{
    public string Url => store.Url;

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) => Call(() => store.FindAsync(key, cancellation));

    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => Call(() => store.GetAsync(key, cancellation));

    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => Call(async () =>
    {
        await store.ReadAsync(item, offset, buffer, cancellation);
        return true;
    });

    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
        Call(() => store.PutAsync(key, content, condition, cancellation));

    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) =>
        Call<ObjectWriter>(async () => new Writer(await store.CreateAsync(key, cancellation), this));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (StoredObject item in await Call(() => store.ListAsync(prefix, cancellation).ToListAsync(cancellation).AsTask())) yield return item;
    }

    public Task DeleteAsync(string key, CancellationToken cancellation) => Call(async () =>
    {
        await store.DeleteAsync(key, cancellation);
        return true;
    });

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => Call(() => store.SweepAsync(prefix, age, cancellation));

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private Task<T> Call<T>(Func<Task<T>> call) => crash.CallAsync(call, () => new StoreException(store.Url, "the process is dead"));

    private sealed class Writer(ObjectWriter writer, CrashingStore store) : ObjectWriter
    {
        public override Stream Stream => writer.Stream;

        public override Task<StoredObject> CompleteAsync(CancellationToken cancellation) => store.Call(() => writer.CompleteAsync(cancellation));

        public override ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}

internal sealed class CrashingQueue(IQueue queue, Crash crash) : IQueue
{
    public string Url => queue.Url;

    public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => Call(async () =>
    {
        await queue.SendAsync(bodies, cancellation);
        return true;
    });

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation) =>
        Call(() => queue.ReceiveAsync(most, wait, visibility, cancellation));

    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) => Call(() => queue.ExtendAsync(message, visibility, cancellation));

    public Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) => Call(() => queue.CompleteAsync(message, cancellation));

    public Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) => Call(() => queue.AbandonAsync(message, delay, cancellation));

    public Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation) => Call(() => queue.DeadLetterAsync(message, reason, cancellation));

    public Task<QueueDepth> CountAsync(CancellationToken cancellation) => Call(() => queue.CountAsync(cancellation));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> Call<T>(Func<Task<T>> call) => crash.CallAsync(call, () => new QueueException(queue.Url, "the process is dead"));
}
