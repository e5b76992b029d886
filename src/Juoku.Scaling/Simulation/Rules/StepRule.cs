namespace Juoku.Scaling.Simulation.Rules;

/// <summary>
/// The original system's rule, and kube-sqs-autoscaler's: one worker more while messages are visible, one less while none is. Looks
/// every 5 s, waits 10 s between steps up and 30 s between steps down.
/// </summary>
public sealed class StepRule(int most) : ScalingRule
{
    private const double UpCoolDown = 10;
    private const double DownCoolDown = 30;

    private double _up = double.NegativeInfinity;
    private double _down = double.NegativeInfinity;

    /// <inheritdoc/>
    public override string Name => "step";

    /// <inheritdoc/>
    public override double Period => 5;

    /// <inheritdoc/>
    public override int Wanted(in ClusterView view)
    {
        if (view.Visible > 0 && view.Now - _up >= UpCoolDown)
        {
            _up = view.Now;
            return Math.Min(most, view.Wanted + 1);
        }

        if (view.Visible == 0 && view.Now - _down >= DownCoolDown)
        {
            _down = view.Now;
            return Math.Max(0, view.Wanted - 1);
        }

        return view.Wanted;
    }
}
