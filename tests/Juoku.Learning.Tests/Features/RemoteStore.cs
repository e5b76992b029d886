using Juoku.Batch.Stores;

namespace Juoku.Learning.Tests.Features;

/// <summary>A folder behind the port alone, as S3 would be: nobody can ask it for a path.</summary>
internal sealed class RemoteStore(FileStore folder) : IStore
{
    public string Url => "remote://store";

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) => folder.FindAsync(key, cancellation);

    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => folder.GetAsync(key, cancellation);

    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => folder.ReadAsync(item, offset, buffer, cancellation);

    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
        folder.PutAsync(key, content, condition, cancellation);

    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) => folder.CreateAsync(key, cancellation);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) => folder.ListAsync(prefix, cancellation);

    public Task DeleteAsync(string key, CancellationToken cancellation) => folder.DeleteAsync(key, cancellation);

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => folder.SweepAsync(prefix, age, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
