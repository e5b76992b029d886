using System.Collections.Concurrent;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>The stores that runs use, each opened once however many runs and parts name it.</summary>
/// <param name="adapters">Open stores by URL.</param>
public sealed class StorePool(Adapters adapters) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<IStore>> _stores = new(StringComparer.Ordinal);

    /// <summary>The store of a URL.</summary>
    /// <exception cref="AddressException">The URL names no kind of store, or not as that kind is named.</exception>
    public IStore Open(string url) => _stores.GetOrAdd(url, u => new Lazy<IStore>(() => adapters.OpenStore(u))).Value;

    /// <summary>The store that a place is in.</summary>
    /// <param name="location">The place.</param>
    /// <param name="own">The store that holds the run.</param>
    public IStore Open(StoreLocation location, IStore own) => location.Store is null ? own : Open(location.Store);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<IStore> store in _stores.Values.Where(store => store.IsValueCreated)) await store.Value.DisposeAsync().ConfigureAwait(false);
    }
}
