namespace Juoku.Scaling.Simulation.Rules;

/// <summary>So many workers from the first part on, and never more than there are parts: a plan of one who knows everything.</summary>
/// <param name="workers">How many.</param>
/// <param name="arrivals">What arrives when.</param>
/// <param name="lead">Seconds that the rule sees ahead: workers are there when their parts arrive.</param>
public sealed class FixedRule(int workers, IReadOnlyList<Arrival> arrivals, double lead) : ScalingRule
{
    /// <inheritdoc/>
    public override string Name => "fixed";

    /// <inheritdoc/>
    public override double Period => 5;

    /// <inheritdoc/>
    public override bool SparesBusy => true;

    /// <inheritdoc/>
    public override int Wanted(in ClusterView view)
    {
        double now = view.Now;
        int coming = 0;
        foreach (Arrival arrival in arrivals)
            if (arrival.Seconds > now && arrival.Seconds <= now + lead) coming += arrival.Parts;
        return Math.Max(view.Busy, Math.Min(workers, view.Visible + view.InFlight + coming));
    }
}
