namespace Juoku.Scaling.Simulation.Rules;

/// <summary>
/// What Kubernetes' horizontal autoscaler does to a proposed number, with its defaults: nothing within 10 % of the target, up by at most
/// 4 workers or 100 % in 15 s, down only to the highest proposal of the last 300 s.
/// </summary>
internal sealed class HpaBehaviour(int least, int most)
{
    /// <summary>Seconds between two looks.</summary>
    public const double SyncPeriod = 15;

    private const double Tolerance = 0.1;
    private const double StabilisationWindow = 300;

    private readonly Queue<(double At, int Proposal)> _proposals = new();

    /// <summary>The next number.</summary>
    /// <param name="now">Seconds from the start.</param>
    /// <param name="current">Present number.</param>
    /// <param name="ratio">Metric over target: above 1 asks for more.</param>
    /// <param name="proposal">What the ratio asks for.</param>
    public int Next(double now, int current, double ratio, int proposal)
    {
        if (Math.Abs(ratio - 1) <= Tolerance) proposal = current;
        proposal = Math.Clamp(proposal, least, most);
        while (_proposals.Count > 0 && _proposals.Peek().At < now - StabilisationWindow) _proposals.Dequeue();
        _proposals.Enqueue((now, proposal));
        if (proposal > current) return Math.Min(proposal, Math.Max(current + 4, current * 2));
        return Math.Min(current, _proposals.Max(past => past.Proposal));
    }
}
