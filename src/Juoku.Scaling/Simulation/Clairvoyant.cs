using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Scaling.Simulation;

/// <summary>
/// The best plan found by one who knows everything: the same cluster with the same luck, tried again with every constant number of
/// whole nodes that could be best.
/// </summary>
/// <remarks>
/// Plans are "n workers, never more than parts are there", with n a multiple of a node's workers, with and without being up before their parts arrive and with and
/// without staying for parts that are yet to come. The cheapest that meets the deadline wins; the comparison also counts a compared rule's own run when it is cheaper
/// still. It is an optimum over these plans, not a proof that nothing is cheaper; the work alone, in <see cref="WorkAlone"/>, bounds every plan from below.
/// </remarks>
public static class Clairvoyant
{
    // Three larger plans in a row that meet the deadline are enough: each worker more costs a start and an end, and saves nothing.
    private const int EnoughMeeting = 3;

    /// <summary>The cheapest run that meets the deadline; null when none was found.</summary>
    public static SimulationResult? Best(Scenario scenario)
    {
        int step = scenario.Cluster.PodsPerNode;
        int most = Math.Max(step, scenario.Cluster.MaxPods);
        double window = scenario.Deadline ?? 3600;
        int first = Math.Max(1, (int)(scenario.Rows / (scenario.Workers.RowsPerSecond * window * step))) * step;
        SimulationResult? best = null;
        foreach (double lead in Leads(scenario))
        {
            int meeting = 0;
            // Where the largest plan is late, all of them are, but for luck.
            if (!Try(most)) continue;
            for (int workers = Math.Min(first, most); workers < most && meeting < EnoughMeeting; workers += step)
                if (Try(workers)) meeting++;

            bool Try(int workers)
            {
                SimulationResult run = Simulator.Run(scenario, new FixedRule(workers, scenario.Arrivals, lead));
                if (!run.Meets(scenario.Deadline)) return false;
                if (best is null || run.Cost < best.Cost) best = run;
                return true;
            }
        }

        return best;
    }

    /// <summary>What the rows cost on full nodes that start at once and end at once: less than any plan can.</summary>
    public static double WorkAlone(Scenario scenario) =>
        scenario.Rows / scenario.Workers.RowsPerSecond / scenario.Cluster.PodsPerNode * scenario.Cluster.NodePrice / 3600;

    private static double[] Leads(Scenario scenario) =>
        scenario.Arrivals.Count == 1 ? [0] : [0, scenario.Cluster.NodeStart + scenario.Cluster.PodStart, double.PositiveInfinity];
}
