namespace Juoku.Scaling.Simulation.Rules;

/// <summary>
/// Kubernetes' horizontal autoscaler on processor use, 80 % of it, with its stabilisation window. A busy worker uses its processor, an
/// idle one does not, one that starts counts as idle when more are asked for. It cannot go to zero.
/// </summary>
public sealed class UtilisationRule(int most) : ScalingRule
{
    private const double Target = 0.8;

    private readonly HpaBehaviour _hpa = new(1, most);

    /// <inheritdoc/>
    public override string Name => "hpa";

    /// <inheritdoc/>
    public override double Period => HpaBehaviour.SyncPeriod;

    /// <inheritdoc/>
    public override int Wanted(in ClusterView view)
    {
        int current = Math.Max(1, view.Wanted);
        if (view.Ready == 0) return current;
        double ratio = view.Busy / (view.Ready * Target);
        int counted = view.Ready;
        if (ratio > 1 && view.Pending > 0)
        {
            counted += view.Pending;
            ratio = view.Busy / (counted * Target);
            if (ratio < 1) ratio = 1;
        }

        return _hpa.Next(view.Now, current, ratio, (int)Math.Ceiling(counted * ratio - 1e-9));
    }
}
