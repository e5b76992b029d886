using Juoku.Batch.Queues;

namespace Juoku.Soak.Tests.Chaos;

/// <summary>A queue whose calls go wrong now and then. Loans are extended by calls that fail often, so that many run out in mid-part.</summary>
internal sealed class TroubledQueue(IQueue inner, Trouble trouble, Trouble extensions) : IQueue
{
    public string Url => inner.Url;

    public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => trouble.MakeAsync("queue.send", async () =>
    {
        await inner.SendAsync(bodies, cancellation);
        return true;
    });

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation) =>
        trouble.MakeAsync("queue.receive", () => inner.ReceiveAsync(most, wait, visibility, cancellation));

    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) =>
        extensions.MakeAsync("queue.extend", () => inner.ExtendAsync(message, visibility, cancellation));

    public Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) =>
        trouble.MakeAsync("queue.complete", () => inner.CompleteAsync(message, cancellation));

    public Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) =>
        trouble.MakeAsync("queue.abandon", () => inner.AbandonAsync(message, delay, cancellation));

    public Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation) =>
        trouble.MakeAsync("queue.dead-letter", () => inner.DeadLetterAsync(message, reason, cancellation));

    public Task<QueueDepth> CountAsync(CancellationToken cancellation) => trouble.MakeAsync("queue.count", () => inner.CountAsync(cancellation));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
