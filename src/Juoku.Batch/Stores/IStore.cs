namespace Juoku.Batch.Stores;

/// <summary>
/// Objects under keys: a folder, an S3 bucket, an Azure container, or a prefix in one. Keys are relative to the store, separated by
/// <c>/</c>, without a leading one. Everything is strongly consistent: what was put is listed and read by all at once.
/// A store is used by many threads at a time.
/// </summary>
/// <remarks>
/// Not found is a value (null). Every failure is a <see cref="StoreException"/>, never an absent object: who decides by what is in a store
/// must not mistake an outage for emptiness. Implementations retry what is worth retrying themselves.
/// </remarks>
public interface IStore : IAsyncDisposable
{
    /// <summary>The store as its user named it, such as <c>s3://bucket/prefix</c>; for messages.</summary>
    string Url { get; }

    /// <summary>Looks an object up; null when there is none.</summary>
    Task<StoredObject?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>Reads a small object whole, with the ETag that these bytes have; null when there is none.</summary>
    Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation);

    /// <summary>Reads bytes of an object. Several ranges of one object may be read at once.</summary>
    /// <param name="item">The object, as found or listed: a read of a later version fails.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="buffer">Filled from its start to its end, which must lie within the object.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ObjectChangedException">The object is gone, or is not the version that <paramref name="item"/> was.</exception>
    Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Puts a small object whole: all of it is there or nothing.</summary>
    /// <returns>The object, or null when the condition did not hold. Of several writers under one condition exactly one wins.</returns>
    Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation);

    /// <summary>Begins a large object, which appears when it is completed, in place of any of that name.</summary>
    Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation);

    /// <summary>All objects whose key begins with <paramref name="prefix"/>, in ordinal order of their keys.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Deletes an object; one that is not there is no error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Removes what writers that never ended have left (unfinished uploads, partial files) under a prefix and is older than
    /// <paramref name="age"/>; returns how many there were.
    /// </summary>
    Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation);
}
