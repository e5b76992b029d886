using Juoku.Batch.Queues;
using Microsoft.Extensions.Logging;

namespace Juoku.Batch.Runs.Workers;

/// <summary>
/// Keeps a message invisible to others while its part is worked on, extending it at a third of its time. To lose it is no error: somebody
/// else then does the same part to the same bytes, and the receipt decides. Dispose before the message is completed or given back.
/// </summary>
internal sealed class VisibilityLease : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    private VisibilityLease(Func<CancellationToken, Task> work) => _work = work(_stop.Token);

    public static VisibilityLease Start(IQueue queue, QueueMessage message, TimeSpan visibility, TimeProvider time, ILogger log) =>
        new(stop => ExtendAsync(queue, message, visibility, time, log, stop));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static async Task ExtendAsync(IQueue queue, QueueMessage message, TimeSpan visibility, TimeProvider time, ILogger log, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(visibility / 3, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            try
            {
                // Not cancelled once it is sent: Azure's answer holds the only receipt that the message can still be completed with.
                if (await queue.ExtendAsync(message, visibility, CancellationToken.None).ConfigureAwait(false)) continue;
                log.LogWarning("the message is no longer ours; going on, since the receipt decides");
                return;
            }
            catch (QueueException e)
            {
                log.LogWarning("cannot extend the message, trying again: {Error}", e.Message);
            }
        }
    }
}
