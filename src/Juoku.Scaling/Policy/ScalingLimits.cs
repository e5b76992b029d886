namespace Juoku.Scaling.Policy;

/// <summary>What the policy has to keep to.</summary>
public sealed record ScalingLimits
{
    /// <summary>Fewest workers, with or without work.</summary>
    public int Min { get; init; }

    /// <summary>Most workers.</summary>
    public int Max { get; init; } = 100;

    /// <summary>Workers that one node holds; a node that is paid for is filled.</summary>
    public int PodsPerNode { get; init; } = 1;

    /// <summary>How sure to be of the deadline, in standard deviations of the workers' rate.</summary>
    public double Confidence { get; init; } = 2;

    /// <summary>Share of the time left to keep free for what nobody foresees.</summary>
    public double Headroom { get; init; } = 0.1;

    /// <summary>How soon to be done where there is no deadline.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long one worker stays after the last part, so that a trickle of parts does not start and stop it.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Throws where the limits contradict each other.</summary>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public void Validate()
    {
        if (Min < 0 || Max < 1 || Min > Max) throw new ArgumentException($"Limits of {Min} to {Max} workers: set 0 ≤ min ≤ max, and max at least 1.");
        if (PodsPerNode < 1) throw new ArgumentException($"A node of {PodsPerNode} workers: set at least 1.");
        if (!(Confidence >= 0)) throw new ArgumentException($"A confidence of {Confidence} standard deviations: set 0 or more.");
        if (!(Headroom is >= 0 and < 1)) throw new ArgumentException($"A headroom of {Headroom}: set at least 0 and less than 1.");
    }
}
