namespace Juoku.Scaling.Simulation.Rules;

/// <summary>
/// KEDA's aws-sqs-queue with its defaults: 5 messages (visible and in flight) a worker; from none to one at the first message, looked at every 30 s; from one
/// to none after 300 s without; between by the horizontal autoscaler.
/// </summary>
public sealed class KedaQueueRule(int most) : ScalingRule
{
    private const int QueueLength = 5;
    private const double PollingInterval = 30;
    private const double CoolDownPeriod = 300;

    private readonly HpaBehaviour _hpa = new(1, most);
    private double _active = double.NegativeInfinity;
    private double _polled = double.NegativeInfinity;

    /// <inheritdoc/>
    public override string Name => "keda";

    /// <inheritdoc/>
    public override double Period => HpaBehaviour.SyncPeriod;

    /// <inheritdoc/>
    public override int Wanted(in ClusterView view)
    {
        int messages = view.Visible + view.InFlight;
        if (view.Now - _polled >= PollingInterval)
        {
            _polled = view.Now;
            if (messages > 0) _active = view.Now;
            if (view.Wanted == 0) return messages > 0 ? 1 : 0;
            if (messages == 0 && view.Now - _active >= CoolDownPeriod) return 0;
        }

        if (view.Wanted == 0) return 0;
        double ratio = (double)messages / (QueueLength * view.Wanted);
        return _hpa.Next(view.Now, view.Wanted, ratio, (messages + QueueLength - 1) / QueueLength);
    }
}
