using Juoku.Scaling.Kubernetes;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Leadership;

/// <summary>
/// A time during which one candidate leads. Once over it stays over, whatever arrives late: whoever leads again does so in a new term.
/// </summary>
public sealed class LeaderTerm : IDisposable
{
    private readonly ClusterConnection _cluster;
    private readonly LeaderOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _deadline;
    private readonly string _uid;
    private long _renewed;

    internal LeaderTerm(ClusterConnection cluster, LeaderOptions options, V1Lease lease, long since, TimeProvider time)
    {
        (_cluster, _options, _time, _renewed) = (cluster, options, time, since);
        (Holder, Number, _uid, Lease) = (lease.Spec.HolderIdentity, lease.Spec.LeaseTransitions ?? 0, lease.Uid(), lease);
        NotesBefore = new Dictionary<string, string>(lease.Metadata.Annotations ?? new Dictionary<string, string>());
        Ended = _ended.Token;
        _deadline = time.CreateTimer(_ => End(), null, Remaining, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The candidate.</summary>
    public string Holder { get; }

    /// <summary>Counts the terms of this lease, as its <c>leaseTransitions</c> do.</summary>
    public int Number { get; }

    /// <summary>Cancelled when the term is over, before anybody else can begin one.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Whether the term goes on. By this machine's clock alone: see <see cref="ProveAsync"/> for what an action needs.</summary>
    public bool IsHeld => !_ended.IsCancellationRequested && Remaining > TimeSpan.Zero;

    /// <summary>Annotations that leaders before have left on the lease.</summary>
    public IDictionary<string, string> NotesBefore { get; }

    /// <summary>Annotations that the next renewal writes on the lease, for people to read.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; set; } = new Dictionary<string, string>();

    /// <summary>The lease as this candidate last saw it.</summary>
    internal V1Lease Lease { get; set; }

    private TimeSpan Remaining => Max(TimeSpan.Zero, _options.RenewWithin - _time.GetElapsedTime(Interlocked.Read(ref _renewed)));

    /// <summary>
    /// Asks the server whether this term goes on. An action that is conditional on what was read <em>before</em> this call can then not
    /// follow an action of a later term: <see cref="LeaderElection"/> says why.
    /// </summary>
    /// <exception cref="TermOverException">It does not.</exception>
    /// <exception cref="ClusterException">The server did not say.</exception>
    public async Task ProveAsync(CancellationToken cancellation)
    {
        if (!IsHeld) throw new TermOverException(this);
        try
        {
            V1Lease lease = await _cluster.DoAsync($"read the lease {_options.Lease}",
                (client, stop) => client.CoordinationV1.ReadNamespacedLeaseAsync(_options.Lease, _cluster.Namespace, cancellationToken: stop), cancellation).ConfigureAwait(false);
            if (!IsOf(lease)) End();
        }
        catch (ClusterException e) when (e.Fault == ClusterFault.NotFound)
        {
            End();
        }

        if (!IsHeld) throw new TermOverException(this);
    }

    /// <summary>Whether a lease is still that of this term.</summary>
    internal bool IsOf(V1Lease lease) => lease.Spec?.HolderIdentity == Holder && (lease.Spec.LeaseTransitions ?? 0) == Number && lease.Uid() == _uid;

    /// <summary>The lease was renewed by a request that began at <paramref name="since"/>; too late changes nothing.</summary>
    internal void Renew(V1Lease lease, long since)
    {
        Lease = lease;
        if (!IsHeld) return;
        Interlocked.Exchange(ref _renewed, since);
        _deadline.Change(Remaining, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the term.</summary>
    internal void End()
    {
        try
        {
            _ended.Cancel();
        }
        catch (AggregateException)
        {
            // What the work registered to happen at the end failed; the end stands.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _deadline.Dispose();
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

/// <summary>An action was not taken, because the term of its leader is over.</summary>
/// <param name="term">The term.</param>
public sealed class TermOverException(LeaderTerm term) : Exception($"term {term.Number} of {term.Holder} is over");
