using Juoku.Scaling.Prices;

namespace Juoku.Scaling.Planning;

/// <summary>What to plan.</summary>
public sealed record PlanRequest
{
    /// <summary>Rows to score.</summary>
    public required double Records { get; init; }

    /// <summary>Time from the first message to the last part.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>Rows a second of one vCPU.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Instances to choose from.</summary>
    public required IReadOnlyList<InstancePrice> Instances { get; init; }

    /// <summary>Pay spot prices, and be interrupted.</summary>
    public bool Spot { get; init; }

    /// <summary>Times an hour that a spot node is taken away.</summary>
    public double SpotInterruptionsPerHour { get; init; } = 0.05;

    /// <summary>Virtual processors of one worker.</summary>
    public int PodVcpu { get; init; } = 1;

    /// <summary>Rows of one part.</summary>
    public long RowsPerPart { get; init; } = 1_000_000;

    /// <summary>Most workers.</summary>
    public int MaxPods { get; init; } = 1000;

    /// <summary>Seconds until a worker on a node that is there takes work.</summary>
    public TimeSpan PodStart { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Seconds until a node is there.</summary>
    public TimeSpan NodeStart { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Runs to simulate; fewer where they are long.</summary>
    public int Runs { get; init; } = 200;

    /// <summary>Decides all luck.</summary>
    public ulong Seed { get; init; } = 1;
}
