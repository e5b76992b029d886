using Azure;
using Azure.Storage.Blobs.Models;
using Juoku.Batch.Stores;

namespace Juoku.Azure.Stores;

/// <summary>Turns what the SDK throws into a <see cref="StoreException"/> that says what was being done to what.</summary>
internal sealed class BlobFaults(BlobAddress address, Uri endpoint)
{
    /// <summary>Runs a step.</summary>
    /// <param name="key">Object it is about.</param>
    /// <param name="what">Completes "cannot …".</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellation">The caller's: what it stops is no fault.</param>
    public async Task<T> InAsync<T>(string key, string what, Func<Task<T>> step, CancellationToken cancellation)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            throw new StoreNotFoundException(address.Url, $"there is no container '{address.Container}' in {endpoint.GetLeftPart(UriPartial.Authority)}; create it, or correct the name", e);
        }
        catch (Exception e) when (AzureFault.Is(e, cancellation))
        {
            throw new StoreException(address.UrlOf(key), $"cannot {what}: {AzureFault.Explain(e, endpoint)}", e);
        }
    }

    /// <summary>Whether the service says that there is no such object; a container that is missing is another matter.</summary>
    public static bool IsAbsent(RequestFailedException e) => e.ErrorCode == BlobErrorCode.BlobNotFound;

    /// <summary>Whether the service says that a condition does not hold.</summary>
    public static bool IsUnmet(RequestFailedException e) =>
        e.ErrorCode == BlobErrorCode.ConditionNotMet || e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.Status == 412;
}
