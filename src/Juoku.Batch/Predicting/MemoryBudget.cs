namespace Juoku.Batch.Predicting;

/// <summary>Admits pieces of input while the memory they take stays within bounds; one piece is always admitted, however large.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _freed = new(0);
    private long _used;

    /// <summary>Waits until there is room. For one caller at a time.</summary>
    public async ValueTask EnterAsync(long wanted, CancellationToken cancellation)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_used == 0 || _used + wanted <= bytes)
                {
                    _used += wanted;
                    return;
                }
            }

            await _freed.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives room back.</summary>
    public void Leave(long freed)
    {
        lock (_lock) _used -= freed;
        _freed.Release();
    }
}
