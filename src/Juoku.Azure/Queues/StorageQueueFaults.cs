using Azure;
using Azure.Storage.Queues.Models;
using Juoku.Batch.Queues;

namespace Juoku.Azure.Queues;

/// <summary>Turns what the SDK throws into a <see cref="QueueException"/> that says what was being done.</summary>
internal sealed class StorageQueueFaults(string url, Uri endpoint)
{
    /// <summary>Runs a step.</summary>
    /// <param name="queue">The queue that it is about.</param>
    /// <param name="what">Completes "cannot …".</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellation">The caller's: what it stops is no fault.</param>
    public async Task<T> InAsync<T>(string queue, string what, Func<Task<T>> step, CancellationToken cancellation)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            throw new QueueNotFoundException(url, $"there is no queue '{queue}' in {endpoint.GetLeftPart(UriPartial.Authority)}; create it, or correct the name", e);
        }
        catch (RequestFailedException e) when (e.Status == 413)
        {
            throw new QueueException(url, $"cannot {what}: a message is larger than 64 KiB, the most that Azure takes", e);
        }
        catch (Exception e) when (AzureFault.Is(e, cancellation))
        {
            throw new QueueException(url, $"cannot {what}: {AzureFault.Explain(e, endpoint)}", e);
        }
    }

    /// <summary>Whether the service says that a message has been received by another, or removed.</summary>
    public static bool IsLoss(RequestFailedException e) => e.ErrorCode == QueueErrorCode.MessageNotFound || e.ErrorCode == QueueErrorCode.PopReceiptMismatch;
}
