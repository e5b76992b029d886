using Juoku.Batch.Stores;
using Juoku.Tests.Contracts;

namespace Juoku.Batch.Tests.Stores;

/// <summary>The contract of stores, on a folder.</summary>
public sealed class FileStoreTests : StoreContract
{
    private readonly TemporaryFolder _folder = new();

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(FileStore.Open(_folder["store"]));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
