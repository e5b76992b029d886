namespace Juoku.Scaling.Simulation;

/// <summary>How a simulated run went.</summary>
public sealed record SimulationResult
{
    /// <summary>Seconds until the last part was done; null when it never was within the simulated time.</summary>
    public required double? Finish { get; init; }

    /// <summary>Seconds that nodes were paid for.</summary>
    public required double NodeSeconds { get; init; }

    /// <summary>Price of these.</summary>
    public required double Cost { get; init; }

    /// <summary>Most workers asked for at a time.</summary>
    public required int PeakPods { get; init; }

    /// <summary>Most nodes at a time.</summary>
    public required int PeakNodes { get; init; }

    /// <summary>Parts whose work was lost: failed, interrupted, or taken from a busy worker.</summary>
    public required int LostParts { get; init; }

    /// <summary>Parts taken from a busy worker by scale-in.</summary>
    public required int KilledBusy { get; init; }

    /// <summary>Times the wanted number changed direction.</summary>
    public required int Turns { get; init; }

    /// <summary>Events that were simulated.</summary>
    public required long Events { get; init; }

    /// <summary>The course over time, when asked for.</summary>
    public IReadOnlyList<TimelinePoint> Timeline { get; init; } = [];

    /// <summary>The run was done in time, or had no deadline and was done.</summary>
    public bool Meets(double? deadline) => Finish is { } finish && (deadline is null || finish <= deadline);
}

/// <summary>One moment of a simulated run.</summary>
/// <param name="Seconds">From the start.</param>
/// <param name="Wanted">Workers asked for.</param>
/// <param name="Ready">Workers that can take parts.</param>
/// <param name="Nodes">Nodes paid for.</param>
/// <param name="RowsLeft">Rows that arrived and are not done.</param>
public readonly record struct TimelinePoint(double Seconds, int Wanted, int Ready, int Nodes, double RowsLeft);
