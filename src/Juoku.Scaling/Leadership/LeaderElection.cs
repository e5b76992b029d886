using Juoku.Scaling.Kubernetes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Leadership;

/// <summary>Elects one of several candidates through a Lease, and lets the elected one work until its term is over.</summary>
/// <remarks>
/// <para>
/// <b>Election.</b> A lease that has no holder, or that was not renewed for its duration, is taken by a put on condition of the version that was
/// seen, so of all candidates one gets it. Whether a lease was renewed is told by watching it change, and how long ago by this machine's own
/// stopwatch: the times written in a lease are for people, and what clocks show does not matter.
/// </para>
/// <para>
/// <b>End.</b> A term counts from the moment its last renewal was <em>sent</em>, and ends <see cref="LeaderOptions.RenewWithin"/> later; others count
/// <see cref="LeaderOptions.Duration"/>, which is more, from when they <em>saw</em> it. Renewal goes on in a loop of its own until the work has
/// ended, however long that blocks. A clean end clears the holder, and the next candidate to look takes over.
/// </para>
/// <para>
/// <b>Fencing.</b> Stopwatches stand still where machines are paused, so time alone proves nothing. An action therefore (1) reads its object, (2) asks the server
/// whether the term goes on (<see cref="LeaderTerm.ProveAsync"/>), (3) writes on condition of the version read in 1. Let a later term have written the
/// object before 3. It began after 2, so its write came after 1, and the condition of 3 fails. Hence, of all writes to an object that are taken,
/// none of an earlier term follows one of a later.
/// </para>
/// </remarks>
public sealed class LeaderElection
{
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(2);

    private readonly ClusterConnection _cluster;
    private readonly LeaderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _self;
    private (string? Record, long At) _seen;
    private LeaderTerm? _term;
    private string? _trouble;

    /// <summary>Makes a candidate.</summary>
    /// <exception cref="ArgumentException">The times contradict each other.</exception>
    public LeaderElection(ClusterConnection cluster, LeaderOptions options, TimeProvider time, ILogger log)
    {
        options.Validate();
        (_cluster, _options, _time, _log) = (cluster, options, time, log);
        _self = $"{options.Identity}_{Guid.NewGuid():N}"[..(options.Identity.Length + 9)];
    }

    /// <summary>What this candidate writes as the lease's holder.</summary>
    public string Holder => _self;

    /// <summary>Whether this candidate leads now.</summary>
    public bool IsLeader => _term?.IsHeld ?? false;

    /// <summary>An answer that takes longer is no use: there must be time for another try.</summary>
    private TimeSpan Patience => _options.RenewWithin / 3;

    /// <summary>Stands for election until told to stop, and does the work whenever elected. Failures are logged and tried again.</summary>
    /// <param name="lead">The work; its token ends with the term or the stop.</param>
    /// <param name="stop">Ends the work, then hands the lease over.</param>
    public async Task RunAsync(Func<LeaderTerm, CancellationToken, Task> lead, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            TimeSpan pause = _options.LookEvery * (0.9 + Random.Shared.NextDouble() / 5);
            try
            {
                using LeaderTerm? term = await TakeAsync(stop).ConfigureAwait(false);
                _trouble = null;
                if (term is not null) await LeadAsync(term, lead, stop).ConfigureAwait(false);
            }
            catch (ClusterException e)
            {
                if (e.Fault != ClusterFault.Conflict && e.Message != _trouble) _log.LogWarning("not leading: {Error}", _trouble = e.Message);
                if (e.RetryAfter > pause) pause = e.RetryAfter;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes the lease if it is free; null when it is not.</summary>
    private async Task<LeaderTerm?> TakeAsync(CancellationToken stop)
    {
        V1Lease? lease = await FindAsync(stop).ConfigureAwait(false);
        if (lease is not null && !IsFree(lease)) return null;
        long since = _time.GetTimestamp();
        int number = lease is null ? 0 : (lease.Spec?.LeaseTransitions ?? 0) + 1;
        var taken = new V1Lease { Metadata = lease?.Metadata ?? new() { Name = _options.Lease }, Spec = Spec(number, MicroTime.Of(_time.GetUtcNow()), _self) };
        taken = await _cluster.DoAsync($"take the lease {_options.Lease}", Patience, (client, cancel) => lease is null
            ? client.CoordinationV1.CreateNamespacedLeaseAsync(taken, _cluster.Namespace, cancellationToken: cancel)
            : client.CoordinationV1.ReplaceNamespacedLeaseAsync(taken, _options.Lease, _cluster.Namespace, cancellationToken: cancel), stop).ConfigureAwait(false);
        return new LeaderTerm(_cluster, _options, taken, since, _time);
    }

    /// <summary>Whether nobody holds it: no holder, one that does not renew, or this candidate, whose taking it had no answer.</summary>
    private bool IsFree(V1Lease lease)
    {
        string? holder = lease.Spec?.HolderIdentity;
        string record = $"{lease.Uid()} {holder} {lease.Spec?.LeaseTransitions} {lease.Spec?.RenewTime:O} {lease.Spec?.AcquireTime:O}";
        if (record != _seen.Record) _seen = (record, _time.GetTimestamp());
        if (string.IsNullOrEmpty(holder) || holder == _self) return true;
        TimeSpan duration = lease.Spec!.LeaseDurationSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : _options.Duration;
        return _time.GetElapsedTime(_seen.At) > duration;
    }

    private async Task LeadAsync(LeaderTerm term, Func<LeaderTerm, CancellationToken, Task> lead, CancellationToken stop)
    {
        _term = term;
        _log.LogInformation("leading: term {Term} of {Holder}", term.Number, term.Holder);
        using var worked = new CancellationTokenSource();
        Task renewing = Task.Run(() => RenewAsync(term, worked.Token), CancellationToken.None);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(term.Ended, stop);
        try
        {
            await Task.Run(() => lead(term, end.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TermOverException && end.IsCancellationRequested)
        {
            // Told to stop, it stopped.
        }
        catch (Exception e)
        {
            _log.LogError(e, "the leader's work failed, another may try: {Error}", e.Message);
        }

        bool wasHeld = term.IsHeld;
        await worked.CancelAsync().ConfigureAwait(false);
        await renewing.ConfigureAwait(false);
        term.End();
        _term = null;
        if (wasHeld) await ReleaseAsync(term).ConfigureAwait(false);
        else _log.LogWarning("no longer leading: term {Term} of {Holder} is over", term.Number, term.Holder);
    }

    /// <summary>Renews until the work has ended or the term is over. Whatever fails is tried again until then.</summary>
    private async Task RenewAsync(LeaderTerm term, CancellationToken worked)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(term.Ended, worked);
        TimeSpan pause = _options.RenewEvery;
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(pause, _time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested) return;
            pause = _options.RenewEvery;
            try
            {
                long since = _time.GetTimestamp();
                if (await PutAsync(term, lease => Renewed(lease, term), end.Token).ConfigureAwait(false) is { } lease) term.Renew(lease, since);
                else term.End();
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Of any kind: only time ends a term, or somebody else's name on the lease.
                _log.LogWarning("cannot renew the lease, trying again: {Error}", e.Message);
                pause = _options.LookEvery;
                if (e is ClusterException { RetryAfter: var wait } && wait > pause && wait < _options.RenewWithin / 2) pause = wait;
            }
        }
    }

    /// <summary>Clears the holder. What fails here costs the others a wait of the lease's duration and nothing else.</summary>
    private async Task ReleaseAsync(LeaderTerm term)
    {
        using var patience = new CancellationTokenSource(HandOver, _time);
        try
        {
            await PutAsync(term, lease => lease.Spec = Spec(term.Number, lease.Spec.RenewTime, holder: null), patience.Token).ConfigureAwait(false);
            _log.LogInformation("handed over: term {Term} of {Holder}", term.Number, term.Holder);
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            _log.LogWarning("cannot hand the lease over, others wait until it runs out: {Error}", e.Message);
        }
    }

    /// <summary>Puts the term's lease, changed; null when it is no longer the term's. An earlier put whose answer was lost is seen and built upon.</summary>
    private async Task<V1Lease?> PutAsync(LeaderTerm term, Action<V1Lease> change, CancellationToken cancellation)
    {
        while (true)
        {
            V1Lease lease = term.Lease;
            change(lease);
            try
            {
                return await _cluster.DoAsync($"renew the lease {_options.Lease}", Patience,
                    (client, stop) => client.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, _options.Lease, _cluster.Namespace, cancellationToken: stop), cancellation).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Fault is ClusterFault.Conflict or ClusterFault.NotFound)
            {
                if (await FindAsync(cancellation).ConfigureAwait(false) is not { } found || !term.IsOf(found)) return null;
                term.Lease = found;
            }
        }
    }

    private async Task<V1Lease?> FindAsync(CancellationToken stop)
    {
        try
        {
            return await _cluster.DoAsync($"read the lease {_options.Lease}", Patience,
                (client, cancel) => client.CoordinationV1.ReadNamespacedLeaseAsync(_options.Lease, _cluster.Namespace, cancellationToken: cancel), stop).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Fault == ClusterFault.NotFound)
        {
            return null;
        }
    }

    private void Renewed(V1Lease lease, LeaderTerm term)
    {
        lease.Spec.RenewTime = MicroTime.Of(_time.GetUtcNow());
        lease.Metadata.Annotations ??= new Dictionary<string, string>();
        foreach ((string name, string note) in term.Notes) lease.Metadata.Annotations[name] = note;
    }

    private V1LeaseSpec Spec(int number, DateTime? renewed, string? holder) => new()
    {
        HolderIdentity = holder,
        LeaseDurationSeconds = holder is null ? 1 : (int)_options.Duration.TotalSeconds,
        AcquireTime = renewed,
        RenewTime = renewed,
        LeaseTransitions = number,
    };
}
