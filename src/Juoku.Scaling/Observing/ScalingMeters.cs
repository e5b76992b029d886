using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Juoku.Scaling.Observing;

/// <summary>
/// What the controller and the KEDA scaler measure. A series tells what it is about: <c>target</c> is the Deployment or ScaledObject, as
/// namespace/name. What could not be read is not shown, rather than as zero.
/// </summary>
public sealed class ScalingMeters : IDisposable
{
    /// <summary>Name of the meter, for exporters.</summary>
    public const string MeterName = "Juoku.Scaling";

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, Target> _targets = new();
    private readonly Counter<long> _decisions;
    private int _isLeader = -1;
    private int _overdue = -1;

    /// <summary>Makes the instruments.</summary>
    public ScalingMeters()
    {
        _decisions = _meter.CreateCounter<long>("juoku_scaling_decisions", description: "Decisions, by direction.");
        Gauge("juoku_replicas_wanted", "Workers asked for.", target => target.Wanted);
        Gauge("juoku_replicas_ready", "Workers that can take parts.", target => target.Workers.Ready);
        Gauge("juoku_backlog_rows", "Rows left, those in flight included.", target => target.Decision?.Backlog is { } left ? left.Rows + left.RowsInFlight : null);
        Gauge("juoku_backlog_parts", "Parts left, those in flight included.", target => target.Decision?.Backlog?.PartsLeft);
        Gauge("juoku_worker_rows_per_second", "Rows a second of one worker, as measured.", target => target.Fleet?.Pace?.Rate.RowsPerSecond);
        Gauge("juoku_deadline_at_risk", "1 while a deadline may be missed.", target => target.Decision is { } decision ? decision.Decision.DeadlineAtRisk ? 1 : 0 : null);
        _meter.CreateObservableGauge("juoku_queue_messages", () => _targets.SelectMany(Messages), description: "Messages of the queue, by state.");
        _meter.CreateObservableGauge("juoku_run_deadline_seconds", () => Sets(run => run.Run.Deadline, Enumerable.Min), description: "When the next run of a set has to be done, in Unix time.");
        _meter.CreateObservableGauge("juoku_run_eta_seconds", () => Sets(run => run.Eta, Enumerable.Max), description: "When the runs of a set will be done, in Unix time.");
        _meter.CreateObservableGauge("juoku_leader_is_leader", () => _isLeader < 0 ? Array.Empty<Measurement<int>>() : [new(_isLeader)], description: "1 on the replica that acts, 0 on those that stand by.");
        _meter.CreateObservableGauge("juoku_runs_overdue", () => _overdue < 0 ? Array.Empty<Measurement<int>>() : [new(_overdue)], description: "Runs that are open after their deadline.");
    }

    /// <summary>A decision was made.</summary>
    /// <param name="target">What is scaled, as namespace/name.</param>
    /// <param name="fleet">What it was made by; what a fault left unknown is no longer shown.</param>
    /// <param name="workers">The workers there are.</param>
    /// <param name="decision">The decision.</param>
    public void Decided(string target, FleetSnapshot fleet, WorkerCounts workers, FleetDecision decision)
    {
        int before = _targets.TryGetValue(target, out Target? last) ? last.Wanted : workers.Ready + workers.Pending, wanted = decision.Decision.Replicas;
        _targets[target] = new(wanted, workers, fleet.Fault is null ? fleet : null, fleet.Fault is null ? decision : null);
        _decisions.Add(1, new("target", target), new KeyValuePair<string, object?>("direction", wanted > before ? "up" : wanted < before ? "down" : "hold"));
    }

    /// <summary>A target is no longer scaled by this process.</summary>
    public void Forget(string target) => _targets.TryRemove(target, out _);

    /// <summary>Whether this replica acts; who does not knows of no overdue runs.</summary>
    public void Leads(bool isLeader) => (_isLeader, _overdue) = (isLeader ? 1 : 0, isLeader ? _overdue : -1);

    /// <summary>Runs are open after their deadline.</summary>
    public void Overdue(int runs) => _overdue = runs;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<Target, double?> value) => _meter.CreateObservableGauge(name, () =>
        from target in _targets
        let known = value(target.Value)
        where known is not null
        select new Measurement<double>(known.Value, new KeyValuePair<string, object?>("target", target.Key)), description: description);

    private static IEnumerable<Measurement<long>> Messages(KeyValuePair<string, Target> target)
    {
        if (target.Value.Fleet is not { Queue: var queue }) yield break;
        foreach ((string state, long count) in ((string, long)[])[("visible", queue.Visible), ("in_flight", queue.InFlight), ("dead", queue.Dead)])
            yield return new(count, new("target", target.Key), new KeyValuePair<string, object?>("state", state));
    }

    private IEnumerable<Measurement<double>> Sets(Func<RunOutlook, DateTimeOffset?> time, Func<IEnumerable<double>, double> which) =>
        from target in _targets
        from run in target.Value.Decision?.Runs ?? []
        let known = time(run)
        where known is not null
        group known.Value.ToUnixTimeMilliseconds() / 1000.0 by (target.Key, run.Run.Set) into set
        select new Measurement<double>(which(set), new("target", set.Key.Key), new KeyValuePair<string, object?>("set", set.Key.Set));

    private sealed record Target(int Wanted, WorkerCounts Workers, FleetSnapshot? Fleet, FleetDecision? Decision);
}
