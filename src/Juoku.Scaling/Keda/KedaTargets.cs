using Juoku.Batch;
using Juoku.Batch.Runs;
using Juoku.Scaling.Observing;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Keda;

/// <summary>The ScaledObjects that KEDA asks about, each with a policy state of its own. One that is no longer asked about is forgotten.</summary>
/// <param name="read">Reads a trigger's metadata.</param>
/// <param name="adapters">Open queues and stores.</param>
/// <param name="meters">Are told every decision.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Is told changes and faults.</param>
public sealed class KedaTargets(KedaTriggerReading read, Adapters adapters, ScalingMeters meters, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(30);

    private readonly Dictionary<KedaTrigger, KedaTarget> _targets = [];
    private readonly StorePool _pool = new(adapters);
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>The clock.</summary>
    internal TimeProvider Time => time;

    /// <summary>How many there are.</summary>
    internal int Count => _targets.Count;

    /// <summary>The target of a trigger; the same as long as its metadata is the same.</summary>
    /// <exception cref="KedaMetadataException">The metadata is wrong.</exception>
    internal async Task<KedaTarget> FindAsync(string target, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellation)
    {
        KedaTrigger trigger = read(target, metadata);
        await _oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_targets.TryGetValue(trigger, out KedaTarget? known))
            {
                known.Asked = now;
                return known;
            }

            foreach ((KedaTrigger old, KedaTarget gone) in _targets.Where(entry => now - entry.Value.Asked > Forgotten).ToList())
            {
                _targets.Remove(old);
                await gone.DisposeAsync().ConfigureAwait(false);
            }

            return _targets[trigger] = Open(trigger);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        foreach (KedaTarget target in _targets.Values) await target.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    private KedaTarget Open(KedaTrigger trigger)
    {
        try
        {
            return new KedaTarget(trigger, _pool.Open(trigger.Store), _pool, adapters.OpenQueue(trigger.Queue), meters, time, log);
        }
        catch (AddressException e)
        {
            throw new KedaMetadataException(trigger.Target, e.Message);
        }
    }
}
