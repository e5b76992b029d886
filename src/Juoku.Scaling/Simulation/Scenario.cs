namespace Juoku.Scaling.Simulation;

/// <summary>A run to simulate: what arrives when, on what kind of cluster, by when it has to be done.</summary>
public sealed record Scenario
{
    /// <summary>The preset or file it came from.</summary>
    public required string Name { get; init; }

    /// <summary>Parts by time of arrival.</summary>
    public required IReadOnlyList<Arrival> Arrivals { get; init; }

    /// <summary>When the run has to be done, in seconds from the start; null when any time will do.</summary>
    public double? Deadline { get; init; }

    /// <summary>How workers behave.</summary>
    public WorkerBehaviour Workers { get; init; } = new();

    /// <summary>How the cluster behaves.</summary>
    public ClusterBehaviour Cluster { get; init; } = new();

    /// <summary>Decides all luck.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Rows of all arrivals.</summary>
    public double Rows => Arrivals.Sum(arrival => (double)arrival.Parts * arrival.RowsPerPart);

    /// <summary>Parts of all arrivals.</summary>
    public int Parts => Arrivals.Sum(arrival => arrival.Parts);
}

/// <summary>Parts that arrive together.</summary>
/// <param name="Seconds">When, from the start.</param>
/// <param name="Parts">How many.</param>
/// <param name="RowsPerPart">Rows of each.</param>
public sealed record Arrival(double Seconds, int Parts, long RowsPerPart);

/// <summary>How workers behave.</summary>
public sealed record WorkerBehaviour
{
    /// <summary>Rows a second of an average worker on a part that does not straggle.</summary>
    public double RowsPerSecond { get; init; } = 500_000;

    /// <summary>Spread of the rate between workers: standard deviation over mean.</summary>
    public double Spread { get; init; } = 0.08;

    /// <summary>Share of parts that take longer than they should.</summary>
    public double StragglerShare { get; init; } = 0.02;

    /// <summary>How many times longer those take.</summary>
    public double StragglerFactor { get; init; } = 2;

    /// <summary>Share of parts whose worker fails; the part comes back after <see cref="Visibility"/>.</summary>
    public double FailureShare { get; init; } = 0.001;

    /// <summary>Seconds until the part of a lost worker can be taken again.</summary>
    public double Visibility { get; init; } = 60;

    /// <summary>How far the rate that is known beforehand may be off: standard deviation over mean.</summary>
    public double PriorError { get; init; } = 0.1;
}

/// <summary>How the cluster behaves.</summary>
public sealed record ClusterBehaviour
{
    /// <summary>Workers that one node holds.</summary>
    public int PodsPerNode { get; init; } = 4;

    /// <summary>Most workers.</summary>
    public int MaxPods { get; init; } = 100;

    /// <summary>Seconds until a pod on a node that is there takes work.</summary>
    public double PodStart { get; init; } = 15;

    /// <summary>Seconds until a node that was asked for is there; it is paid for from the first.</summary>
    public double NodeStart { get; init; } = 90;

    /// <summary>Spread of both: standard deviation over mean.</summary>
    public double StartSpread { get; init; } = 0.15;

    /// <summary>Seconds between looks of the cluster's autoscaler at pending pods.</summary>
    public double ScanPeriod { get; init; } = 10;

    /// <summary>Seconds after which an empty node is given back: Karpenter's consolidation, the Cluster Autoscaler's unneeded time.</summary>
    public double NodeLinger { get; init; } = 60;

    /// <summary>Times an hour that a node is taken away without notice.</summary>
    public double InterruptionsPerHour { get; init; }

    /// <summary>Price of a node's hour.</summary>
    public double NodePrice { get; init; } = 0.2;
}
