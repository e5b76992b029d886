using System.Collections.Concurrent;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs.Workers;

/// <summary>The runs that a worker is at, each plan read once. Plans never change; whether a run was cancelled is asked again now and then.</summary>
internal sealed class OpenRuns(StorePool pool, string ownStore, TimeProvider time)
{
    private const int Remembered = 16;
    private static readonly TimeSpan CancelAge = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Entry> _runs = new();

    /// <summary>Finds a run; null when its store has none of that name.</summary>
    /// <exception cref="AddressException">The store's URL is none.</exception>
    public async Task<RunRecords?> FindAsync(string? storeUrl, string name, CancellationToken cancellation)
    {
        string url = storeUrl ?? ownStore;
        string id = $"{url}\n{name}";
        if (_runs.TryGetValue(id, out Entry? known))
        {
            known.Used = time.GetUtcNow();
            return known.Run;
        }

        IStore store = pool.Open(url);
        if (await RunRecords.FindAsync(name, store, pool, cancellation).ConfigureAwait(false) is not { } run) return null;
        if (_runs.Count >= Remembered && _runs.MinBy(entry => entry.Value.Used) is { Key: { } oldest }) _runs.TryRemove(oldest, out _);
        return _runs.GetOrAdd(id, _ => new Entry(run) { Used = time.GetUtcNow() }).Run;
    }

    /// <summary>Whether a run was cancelled, as of some seconds ago.</summary>
    public async Task<bool> IsCancelledAsync(RunRecords run, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Entry? entry = _runs.Values.FirstOrDefault(entry => ReferenceEquals(entry.Run, run));
        if (entry?.Cancel is { } known && now - known.Asked < CancelAge) return known.IsCancelled;
        bool isCancelled = await run.FindCancelAsync(cancellation).ConfigureAwait(false) is not null;
        if (entry is not null) entry.Cancel = new Answer(now, isCancelled);
        return isCancelled;
    }

    private sealed class Entry(RunRecords run)
    {
        public RunRecords Run => run;

        public DateTimeOffset Used { get; set; }

        public Answer? Cancel { get; set; }
    }

    private sealed record Answer(DateTimeOffset Asked, bool IsCancelled);
}
