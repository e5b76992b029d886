using Amazon.SQS;
using Amazon.SQS.Model;
using Juoku.Batch.Queues;

namespace Juoku.Aws.Queues;

/// <summary>Turns what the SDK throws into a <see cref="QueueException"/> that says what was being done to what.</summary>
internal sealed class SqsFaults(string url, string? endpoint)
{
    /// <summary>Runs a step.</summary>
    /// <param name="what">Completes "cannot …".</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellation">What the step was given.</param>
    public async Task<T> InAsync<T>(string what, Func<Task<T>> step, CancellationToken cancellation)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (QueueDoesNotExistException e)
        {
            throw new QueueNotFoundException(url, $"there is no such queue{(endpoint is null ? " in this account and region" : $" at {endpoint}")}; create it, or correct the name", e);
        }
        catch (Exception e) when (AwsFault.Is(e, cancellation))
        {
            throw new QueueException(url, $"cannot {what}: {AwsFault.Explain(e, "SQS", endpoint)}", e);
        }
    }

    /// <summary>Whether SQS says that a handle is not, or no longer, that of a message in flight.</summary>
    public static bool IsLost(AmazonSQSException e) => e is MessageNotInflightException or ReceiptHandleIsInvalidException
        || (e.ErrorCode.EndsWith("InvalidParameterValue", StringComparison.Ordinal)
            && (e.Message.Contains("does not exist", StringComparison.Ordinal) || e.Message.Contains("expired", StringComparison.Ordinal)));
}
