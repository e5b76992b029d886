namespace Juoku.Batch.Queues;

/// <summary>Wakes all who wait for it. Who takes <see cref="Raised"/> before looking for something misses nothing that is announced later.</summary>
internal sealed class Signal
{
    private TaskCompletionSource _next = NewSource();

    /// <summary>Ends with the next call of <see cref="Raise"/>.</summary>
    public Task Raised => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, NewSource()).SetResult();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
