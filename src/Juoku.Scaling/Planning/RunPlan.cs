using Juoku.Scaling.Prices;
using Juoku.Scaling.Simulation;

namespace Juoku.Scaling.Planning;

/// <summary>One instance's way to do the run: what the simulated runs came to.</summary>
public sealed record RunPlan
{
    /// <summary>The instance.</summary>
    public required InstancePrice Instance { get; init; }

    /// <summary>Workers at the peak of the median run.</summary>
    public required int Pods { get; init; }

    /// <summary>Nodes at the peak of the median run.</summary>
    public required int Nodes { get; init; }

    /// <summary>Seconds until the run is done as likely as not.</summary>
    public required double MedianSeconds { get; init; }

    /// <summary>Seconds until the run is done in 19 cases of 20.</summary>
    public required double P95Seconds { get; init; }

    /// <summary>Mean cost of a run.</summary>
    public required double Cost { get; init; }

    /// <summary>Seconds of the earliest finish, with every worker allowed, as likely as not.</summary>
    public required double EarliestSeconds { get; init; }

    /// <summary>Runs that were simulated.</summary>
    public required int Runs { get; init; }

    /// <summary>The deadline is met in 19 cases of 20.</summary>
    public required bool MeetsDeadline { get; init; }

    /// <summary>The course of the median run.</summary>
    public required IReadOnlyList<TimelinePoint> Timeline { get; init; }
}
