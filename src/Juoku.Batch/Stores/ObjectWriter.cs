namespace Juoku.Batch.Stores;

/// <summary>A large object that is being written. It appears whole when completed; disposed before that, nothing is left of it.</summary>
public abstract class ObjectWriter : IAsyncDisposable
{
    /// <summary>Where to write, from start to end, by one thread at a time. Writing may block while earlier bytes are on their way.</summary>
    /// <remarks>To close it is allowed, as libraries like to do, and completes nothing.</remarks>
    public abstract Stream Stream { get; }

    /// <summary>Makes the object appear.</summary>
    public abstract Task<StoredObject> CompleteAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
