using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>The world's objects, as one actor reaches them.</summary>
internal class ScheduledStore(World world, Actor actor) : IStore
{
    public string Url => World.Url;

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) => CallAsync($"find {key}", CallKind.Read, () => world.Find(key), cancellation);

    // A plan never changes once it is there: when it is read makes no difference.
    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) =>
        key.EndsWith("/run.json", StringComparison.Ordinal) ? Task.FromResult(world.Get(key)) : CallAsync($"get {key}", CallKind.Read, () => world.Get(key), cancellation);

    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => throw new NotSupportedException();

    public virtual Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        byte[] bytes = content.ToArray();
        string when = condition.MustBeAbsent ? " if absent" : condition.MustMatch is { } etag ? $" if {etag}" : "";
        return CallAsync($"put {key}{when}", CallKind.Write, () => world.Put(key, bytes, condition), cancellation);
    }

    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) => Task.FromResult<ObjectWriter>(new Writer(this, world, key));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (StoredObject item in await CallAsync($"list {prefix}", CallKind.Read, () => world.List(prefix), cancellation).ConfigureAwait(false)) yield return item;
    }

    public Task DeleteAsync(string key, CancellationToken cancellation) => CallAsync($"delete {key}", CallKind.Write, () =>
    {
        world.Delete(key);
        return true;
    }, cancellation);

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => Task.FromResult(0);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> CallAsync<T>(string what, CallKind kind, Func<T> effect, CancellationToken cancellation) =>
        actor.CallAsync(what, kind, effect, problem => new StoreException(Url, problem), cancellation);

    private sealed class Writer(ScheduledStore store, World world, string key) : ObjectWriter
    {
        private readonly MemoryStream _bytes = new();

        public override Stream Stream => _bytes;

        public override async Task<StoredObject> CompleteAsync(CancellationToken cancellation) =>
            (await store.CallAsync($"write {key}", CallKind.Write, () => world.Put(key, _bytes.ToArray(), PutCondition.None), cancellation).ConfigureAwait(false))!;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>The world's messages, as one actor reaches them.</summary>
internal class ScheduledQueue(World world, Actor actor, Func<int> skip) : IQueue
{
    public string Url => World.Url;

    public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => CallAsync($"send {bodies.Count} messages", CallKind.Write, () =>
    {
        foreach (string body in bodies) world.Send(body);
        return true;
    }, cancellation);

    public virtual Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation) =>
        CallAsync<IReadOnlyList<QueueMessage>>("receive", CallKind.Write, () => world.Receive(skip()) is { } message ? [message] : [], cancellation);

    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) => CallAsync($"extend message {message.Id}", CallKind.Write, () => world.Extend(message), cancellation);

    public virtual Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) => CallAsync($"complete message {message.Id}", CallKind.Write, () => world.Complete(message), cancellation);

    public Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) => CallAsync($"abandon message {message.Id}", CallKind.Write, () => world.Abandon(message), cancellation);

    public Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation) => CallAsync($"bury message {message.Id}", CallKind.Write, () => world.DeadLetter(message, reason), cancellation);

    public Task<QueueDepth> CountAsync(CancellationToken cancellation) => Task.FromResult(default(QueueDepth));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> CallAsync<T>(string what, CallKind kind, Func<T> effect, CancellationToken cancellation) =>
        actor.CallAsync(what, kind, effect, problem => new QueueException(Url, problem), cancellation);
}
