namespace Juoku.Scaling.Simulation;

/// <summary>Scenarios by name, with random sizes, speeds, start-up times and deadlines.</summary>
public static class Preset
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["daily", "burst", "late-input", "node-loss"];

    /// <summary>A scenario; the same name and seed make the same one.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="seed">Decides all luck.</param>
    /// <exception cref="ArgumentException">No preset has this name.</exception>
    public static Scenario Make(string name, ulong seed)
    {
        if (!Names.Contains(name)) throw new ArgumentException($"no preset is named '{name}': choose from {string.Join(", ", Names)}");
        var draws = new Draws(seed * 31 + (ulong)Names.ToList().IndexOf(name));
        var cluster = new ClusterBehaviour
        {
            PodsPerNode = 1 << (int)draws.Between(1, 4, 1),
            PodStart = draws.Between(5, 30, 2),
            NodeStart = draws.Between(45, 150, 3),
            NodeLinger = draws.Between(30, 120, 4),
            InterruptionsPerHour = name == "node-loss" ? draws.Between(0.1, 1, 5) : 0,
        };
        var workers = new WorkerBehaviour
        {
            RowsPerSecond = draws.Between(100_000, 800_000, 6),
            Spread = draws.Between(0.03, 0.12, 7),
            StragglerShare = draws.Between(0, 0.03, 8),
            StragglerFactor = draws.Between(1.5, 2.5, 9),
            FailureShare = draws.Between(0, 0.002, 10),
            Visibility = draws.Between(30, 90, 11),
        };
        double partSeconds = draws.Between(8, 40, 12);
        long rows = (long)(partSeconds * workers.RowsPerSecond);
        double deadline = draws.Between(900, 2 * 3600, 13);
        // Work for so many busy workers over the whole time: what is left of it are start-up and the end.
        double busy = draws.Between(3, 60, 14) * draws.Between(0.6, 0.85, 15);
        int parts = Math.Max(10, (int)(busy * deadline / partSeconds));
        return new()
        {
            Name = name,
            Seed = seed,
            Deadline = deadline,
            Workers = workers,
            Cluster = cluster with { MaxPods = Math.Max(24, (int)(busy * 5) / cluster.PodsPerNode * cluster.PodsPerNode) },
            Arrivals = name switch
            {
                "daily" => Spread(parts, rows, deadline * draws.Between(0.2, 0.8, 16)),
                "late-input" => Late(parts, rows, deadline * draws.Between(0.3, 0.85, 16), draws.Between(0.1, 0.5, 17)),
                _ => [new(0, parts, rows)],
            },
        };
    }

    /// <summary>Many scenarios, the presets in turn.</summary>
    public static IEnumerable<Scenario> Many(int count, ulong seed) =>
        Enumerable.Range(0, count).Select(i => Make(Names[i % Names.Count], seed + (ulong)i));

    /// <summary>Files that come one after the other, as a job before this one writes them.</summary>
    private static List<Arrival> Spread(int parts, long rows, double seconds)
    {
        int waves = Math.Min(parts, 30);
        return [.. Enumerable.Range(0, waves).Select(i => new Arrival(seconds * i / waves, parts * (i + 1) / waves - parts * i / waves, rows))];
    }

    /// <summary>Most at once, the rest when nobody expects it.</summary>
    private static List<Arrival> Late(int parts, long rows, double seconds, double share)
    {
        int late = Math.Max(1, (int)(parts * share));
        return [new(0, parts - late, rows), new(seconds, late, rows)];
    }
}
