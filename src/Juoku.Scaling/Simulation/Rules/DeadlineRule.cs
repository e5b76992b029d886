using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Simulation.Rules;

/// <summary>Ours: <see cref="DeadlinePolicy"/> on what the simulation shows, and on a rate known from earlier runs, which may be off.</summary>
public sealed class DeadlineRule : ScalingRule
{
    private const int PriorSamples = 8;
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    private readonly Scenario _scenario;
    private readonly ScalingLimits _limits;
    private readonly double _prior;
    private ScalingState _state = ScalingState.Initial;

    /// <summary>For one simulation of one scenario.</summary>
    public DeadlineRule(Scenario scenario)
    {
        _scenario = scenario;
        _limits = new() { Max = scenario.Cluster.MaxPods, PodsPerNode = scenario.Cluster.PodsPerNode };
        _prior = scenario.Workers.RowsPerSecond * new Draws(scenario.Seed).Around1(scenario.Workers.PriorError, Draws.Of.Prior, 0);
    }

    /// <inheritdoc/>
    public override string Name => "juoku";

    /// <inheritdoc/>
    public override double Period => 10;

    /// <inheritdoc/>
    public override bool SparesBusy => true;

    /// <inheritdoc/>
    public override int Wanted(in ClusterView view)
    {
        ScalingDecision decision = DeadlinePolicy.Decide(Seen(view), _limits, _state);
        _state = decision.State;
        return decision.Replicas;
    }

    private ScalingObservation Seen(in ClusterView view)
    {
        int samples = PriorSamples + view.Finished;
        double spread = Math.Max(_scenario.Workers.PriorError, _scenario.Workers.Spread);
        return new()
        {
            Now = Epoch.AddSeconds(view.Now),
            Backlog = new(view.VisibleRows, view.Visible, view.InFlightRows, view.InFlight),
            Ready = view.Ready,
            Pending = view.Pending,
            Busy = view.Busy,
            Rate = new(
                (_prior * PriorSamples + view.RowsPerSecond * view.Finished) / samples,
                (spread * PriorSamples + view.RateSpread * view.Finished) / samples,
                samples),
            StartUp = new() { Pod = TimeSpan.FromSeconds(_scenario.Cluster.PodStart), Node = TimeSpan.FromSeconds(_scenario.Cluster.NodeStart + _scenario.Cluster.ScanPeriod) },
            Deadline = _scenario.Deadline is { } deadline ? Epoch.AddSeconds(deadline) : null,
            Redelivery = _scenario.Cluster.InterruptionsPerHour > 0 || _scenario.Workers.FailureShare > 0 ? TimeSpan.FromSeconds(_scenario.Workers.Visibility) : TimeSpan.Zero,
        };
    }
}
