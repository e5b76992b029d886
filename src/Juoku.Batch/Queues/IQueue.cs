namespace Juoku.Batch.Queues;

/// <summary>
/// Messages that are delivered at least once, in any order. A received message is invisible to others until its time-out; who is done
/// completes it, who needs longer extends it, who fails lets it come back. A queue is used by many threads and processes at a time.
/// </summary>
/// <remarks>
/// Every failure is a <see cref="QueueException"/>: a depth that could not be read is unknown, never zero. Implementations retry what is
/// worth retrying themselves.
/// </remarks>
public interface IQueue : IAsyncDisposable
{
    /// <summary>The queue as its user named it, such as <c>sqs://parts</c>; for messages.</summary>
    string Url { get; }

    /// <summary>Sends messages. After a failure some may have been sent: send all of them again.</summary>
    Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation);

    /// <summary>Takes up to <paramref name="most"/> messages, waiting for a first one.</summary>
    /// <param name="most">At least 1; an adapter may hand out fewer at a time.</param>
    /// <param name="wait">How long to wait for a message; zero looks once.</param>
    /// <param name="visibility">How long the messages stay invisible to others.</param>
    /// <param name="cancellation">
    /// Stops waiting. A poll that is already under way is let end, and what it brought is given back: a cancelled poll could swallow a message.
    /// </param>
    Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation);

    /// <summary>Keeps a message invisible for <paramref name="visibility"/> from now; false when it is no longer ours.</summary>
    Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation);

    /// <summary>Removes a message for good; false when it is no longer ours, and another may be at work on it.</summary>
    Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation);

    /// <summary>Gives a message back, visible to others after <paramref name="delay"/>; false when it is no longer ours.</summary>
    Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation);

    /// <summary>Moves a message to the dead-letter queue, with the reason; false when it is no longer ours.</summary>
    Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation);

    /// <summary>How many messages there are; approximate where the service's own count is.</summary>
    Task<QueueDepth> CountAsync(CancellationToken cancellation);
}
