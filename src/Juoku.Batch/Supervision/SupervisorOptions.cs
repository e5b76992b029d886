namespace Juoku.Batch.Supervision;

/// <summary>How many workers to keep on this machine, and how patiently.</summary>
public sealed record SupervisorOptions
{
    /// <summary>Workers to keep even when there is nothing to do.</summary>
    public int MinWorkers { get; init; }

    /// <summary>Most workers at once.</summary>
    public int MaxWorkers { get; init; } = Environment.ProcessorCount;

    /// <summary>Pause between two looks at the queue.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a worker that is wanted waits before it starts, as pods and nodes of a cluster do: to see here how a run fares there.</summary>
    public TimeSpan StartDelay { get; init; }

    /// <summary>How long fewer workers must have been enough before one is stopped.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a worker that was told to stop may take before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause before a crashed worker is replaced; doubles with each crash in a row.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A worker that ran this long before it crashed counts as having worked: the pauses begin anew.</summary>
    public TimeSpan Healthy { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MinWorkers);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWorkers, Math.Max(1, MinWorkers));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Poll, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(StartDelay, TimeSpan.Zero);
    }
}
