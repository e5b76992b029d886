using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Keda;

/// <summary>
/// A ScaledObject and the state of its policy. However often KEDA and the HPA ask, there is one decision an interval. What cannot be read
/// holds the last one.
/// </summary>
/// <remarks>
/// The scaler does not talk to Kubernetes, so it infers the workers. Those that put a receipt of late, or that the messages in flight need, are ready, but no more than were
/// asked for; the rest of what was asked for is pending. As many as there are messages in flight count as busy: too many rather than too few,
/// so that none with a part in hand is taken away.
/// </remarks>
internal sealed class KedaTarget(KedaTrigger trigger, IStore store, StorePool pool, IQueue queue, ScalingMeters meters, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly FleetReader _reader = new(store, pool, queue, time, trigger.Run);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private FleetDecision? _last;
    private DateTimeOffset _read = DateTimeOffset.MinValue;
    private string? _fault;

    public KedaTrigger Trigger => trigger;

    /// <summary>When KEDA last asked.</summary>
    public DateTimeOffset Asked { get; set; } = time.GetUtcNow();

    /// <summary>How many workers there should be, as of the present interval.</summary>
    /// <exception cref="KedaUnknownException">Nothing could be read since the scaler began.</exception>
    public async Task<int> WantedAsync(CancellationToken cancellation)
    {
        Asked = time.GetUtcNow(); // a stream asks for as long as it is open
        await _oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_last is null || time.GetUtcNow() - _read >= trigger.Settings.Interval) await DecideAsync(cancellation).ConfigureAwait(false);
            return _last?.Decision.Replicas ?? throw new KedaUnknownException(_fault!);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false); // for good: nothing is decided any more
        await queue.DisposeAsync().ConfigureAwait(false);
        meters.Forget(trigger.Target);
    }

    /// <summary>The workers there are, as far as messages and receipts tell.</summary>
    internal static WorkerCounts Infer(FleetSnapshot fleet, int? wanted)
    {
        int needed = (int)Math.Min(int.MaxValue, Math.Ceiling(fleet.Queue.InFlight / Math.Max(1, fleet.Pace?.PartsAtOnce ?? 1)));
        int ready = Math.Min(Math.Max(fleet.WorkersSeen, needed), wanted ?? int.MaxValue);
        return new(ready, Math.Max(0, (wanted ?? 0) - ready), (int)Math.Min(ready, fleet.Queue.InFlight));
    }

    private async Task DecideAsync(CancellationToken cancellation)
    {
        FleetSnapshot fleet = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
        _read = time.GetUtcNow();
        Tell(fleet.Fault);
        if (fleet.Fault is not null && _last is null) return;

        WorkerCounts workers = Infer(fleet, _last?.Decision.Replicas);
        FleetDecision decision = FleetPolicy.Decide(fleet, workers, trigger.Settings, _last?.Decision.State ?? ScalingState.Initial);
        if (decision.Decision.Replicas != (_last?.Decision.Replicas ?? 0))
            log.LogInformation("{Target}: {Replicas} workers: {Reason}", trigger.Target, decision.Decision.Replicas, decision.Decision.Reason);
        _last = decision;
        meters.Decided(trigger.Target, fleet, workers, decision);
    }

    /// <summary>A fault is logged when it begins and when it ends.</summary>
    private void Tell(string? fault)
    {
        if (fault is not null && _fault is null) log.LogWarning("{Target}: {Error}; holding the last decision", trigger.Target, fault);
        if (fault is null && _fault is not null) log.LogInformation("{Target}: queue and store can be read again", trigger.Target);
        _fault = fault;
    }
}

/// <summary>How many workers there should be is not known.</summary>
internal sealed class KedaUnknownException(string fault) : Exception(fault);
