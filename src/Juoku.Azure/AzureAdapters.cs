using Juoku.Azure.Queues;
using Juoku.Azure.Stores;
using Juoku.Batch;

namespace Juoku.Azure;

/// <summary>What this project adds to the kinds of stores and queues.</summary>
public static class AzureAdapters
{
    /// <summary>Adds <c>az://container/prefix</c> and <c>azq://queue-name</c>.</summary>
    public static Adapters AddAzure(this Adapters adapters) => adapters.WithStore("az", BlobStore.Open).WithQueue("azq", StorageQueue.Open);
}
