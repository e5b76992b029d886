namespace Juoku.Scaling.Policy;

/// <summary>How many workers to ask for, and why.</summary>
public sealed record ScalingDecision
{
    /// <summary>Wanted workers.</summary>
    public required int Replicas { get; init; }

    /// <summary>The reason, in one line.</summary>
    public required string Reason { get; init; }

    /// <summary>When the run is done as likely as not; null when that is not known.</summary>
    public DateTimeOffset? Eta { get; init; }

    /// <summary>When the run is done in 19 cases of 20; null when that is not known.</summary>
    public DateTimeOffset? EtaP95 { get; init; }

    /// <summary>When the run would be done with every worker the limits allow; null when that is not known.</summary>
    public DateTimeOffset? EarliestFinish { get; init; }

    /// <summary>The deadline may be missed.</summary>
    public bool DeadlineAtRisk { get; init; }

    /// <summary>To be given to the next decision.</summary>
    public required ScalingState State { get; init; }
}

/// <summary>What one decision leaves to the next.</summary>
/// <param name="Replicas">What was asked for last.</param>
/// <param name="EmptySince">Since when no part is left; null while some are.</param>
public sealed record ScalingState(int Replicas, DateTimeOffset? EmptySince = null)
{
    /// <summary>Before the first decision.</summary>
    public static ScalingState Initial { get; } = new(0);
}
