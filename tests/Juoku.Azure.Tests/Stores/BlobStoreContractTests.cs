using Azure.Storage.Blobs;
using Juoku.Azure.Stores;
using Juoku.Batch.Stores;
using Juoku.Tests.Contracts;
using Juoku.Tests.Servers;

namespace Juoku.Azure.Tests.Stores;

public sealed class BlobStoreContractTests(AzuriteFixture azurite) : StoreContract
{
    protected override async Task<IStore> OpenAsync()
    {
        AzuriteServer server = await azurite.RunningAsync();
        string container = $"contract-{Guid.NewGuid():n}";
        await new BlobServiceClient(server.Environment["AZURE_STORAGE_CONNECTION_STRING"]).CreateBlobContainerAsync(container, cancellationToken: Stop);
        return BlobStore.Open($"az://{container}/some/prefix", server.Environment.GetValueOrDefault);
    }
}
