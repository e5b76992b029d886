namespace Juoku.Scaling.Leadership;

/// <summary>How candidates elect one of them.</summary>
public sealed record LeaderOptions
{
    /// <summary>Name of the Lease that they compete for.</summary>
    public required string Lease { get; init; }

    /// <summary>What people call this candidate; a random tail makes it its own, so that a restarted pod is not taken for its former self.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others leave a lease alone that is not renewed; whole seconds, as a Lease counts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader that cannot renew goes on; the rest of <see cref="Duration"/> is what clocks may differ in speed.</summary>
    public TimeSpan RenewWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a leader renews.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a candidate looks, and a leader tries again after a failure.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Throws where the times contradict each other.</summary>
    /// <exception cref="ArgumentException">A time is out of range.</exception>
    public void Validate()
    {
        if (Duration < TimeSpan.FromSeconds(1) || Duration.Ticks % TimeSpan.TicksPerSecond != 0) throw new ArgumentException($"A lease of {Duration}: set whole seconds, at least 1.");
        if (RenewWithin >= Duration) throw new ArgumentException($"A leader that goes on for {RenewWithin} without renewing a lease of {Duration}: set less, or two would lead.");
        if (RenewEvery >= RenewWithin || LookEvery >= RenewWithin) throw new ArgumentException($"Renewing every {RenewEvery} and trying again after {LookEvery}: set less than {RenewWithin}.");
        if (RenewEvery <= TimeSpan.Zero || LookEvery <= TimeSpan.Zero) throw new ArgumentException("Renewing or looking without a pause: set more than zero.");
    }
}
