namespace Juoku.Batch.Runs.Workers;

/// <summary>How a worker works.</summary>
public sealed record WorkerOptions
{
    /// <summary>Store that holds the runs of messages that name none, and where an idle worker looks for runs to finish.</summary>
    public required string Store { get; init; }

    /// <summary>Threads that decode and score, over all parts at once.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Parts in hand at a time, so that one is fetched and another written while the cores score a third; null for up to four.</summary>
    public int? PartsAtOnce { get; init; }

    /// <summary>The same, as a number.</summary>
    public int Slots => PartsAtOnce ?? Math.Min(Threads, 3) + 1;

    /// <summary>Threads that decode and score one part: together twice <see cref="Threads"/>, since those that wait for the network use no core.</summary>
    public int ThreadsPerPart => Math.Max(1, (2 * Threads + Slots - 1) / Slots);

    /// <summary>How long a received message stays invisible; it is extended at a third of that.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long to wait for a message at a time.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long parts in hand may go on after a request to stop; then they are given back.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often a message may be received before its part counts as one that kills workers.</summary>
    public int MaxReceives { get; init; } = 5;

    /// <summary>How often a part may fail for no fault of its own (a store that is down) before it is given up.</summary>
    public int MaxFaults { get; init; } = 50;

    /// <summary>Stop when there has been no message for so long; null to wait for ever.</summary>
    public TimeSpan? StopWhenIdle { get; init; }

    /// <summary>Who the worker is, in receipts and logs.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="Predicting.UsageException">They do not.</exception>
    public void Validate()
    {
        if (Threads < 1) throw new Predicting.UsageException($"--threads {Threads}: at least one thread is needed");
        if (PartsAtOnce < 1) throw new Predicting.UsageException($"--parts-at-once {PartsAtOnce}: at least one part is needed");
        if (Visibility < TimeSpan.FromSeconds(1)) throw new Predicting.UsageException("--visibility: at least a second is needed");
        if (Grace < TimeSpan.Zero) throw new Predicting.UsageException("--grace: a time is not negative");
        if (MaxReceives < 1) throw new Predicting.UsageException($"--max-receives {MaxReceives}: a message is received at least once");
    }
}
