namespace Juoku.Scaling.Policy;

/// <summary>What is known of a run and its workers at one moment.</summary>
public sealed record ScalingObservation
{
    /// <summary>When this was seen.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The work left; null when the queue could not be read, which is not the same as none.</summary>
    public required Backlog? Backlog { get; init; }

    /// <summary>Workers that can take parts.</summary>
    public int Ready { get; init; }

    /// <summary>Workers that were asked for and are not ready yet.</summary>
    public int Pending { get; init; }

    /// <summary>Ready workers that hold a part; these are never taken away.</summary>
    public int Busy { get; init; }

    /// <summary>The measured rate of one worker; null before any part was finished anywhere.</summary>
    public WorkerRate? Rate { get; init; }

    /// <summary>How long workers and nodes take to start.</summary>
    public StartUp StartUp { get; init; } = new();

    /// <summary>When the run has to be done; null when any time will do.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long a part stays invisible after its worker was lost; zero where workers are not expected to be lost.</summary>
    public TimeSpan Redelivery { get; init; }

    /// <summary>Workers keep crashing, or parts keep failing.</summary>
    public bool Failing { get; init; }

    /// <summary>The work left has not shrunk for long although workers are busy.</summary>
    public bool Stuck { get; init; }
}

/// <summary>The work left: what waits in the queue, and what workers hold.</summary>
/// <param name="Rows">Rows that wait.</param>
/// <param name="Parts">Parts that wait.</param>
/// <param name="RowsInFlight">Rows of the parts that were taken and are not finished, counted in full.</param>
/// <param name="PartsInFlight">Parts that were taken and are not finished, those of lost workers too.</param>
public sealed record Backlog(long Rows, int Parts, long RowsInFlight = 0, int PartsInFlight = 0)
{
    /// <summary>Parts that are not finished: no run can use more workers than this.</summary>
    public int PartsLeft => Parts + PartsInFlight;

    /// <summary>Rows of an average part that is not finished.</summary>
    public double RowsPerPart => PartsLeft == 0 ? 0 : (double)(Rows + RowsInFlight) / PartsLeft;
}

/// <summary>How fast one worker is, as measured.</summary>
/// <param name="RowsPerSecond">Mean of a worker that holds a part.</param>
/// <param name="Spread">Standard deviation between parts over the mean.</param>
/// <param name="Samples">Parts that were measured.</param>
public sealed record WorkerRate(double RowsPerSecond, double Spread, int Samples);

/// <summary>How long it takes until a worker that was asked for takes its first part.</summary>
public sealed record StartUp
{
    /// <summary>On a node that is there.</summary>
    public TimeSpan Pod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Until a new node is there.</summary>
    public TimeSpan Node { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>On a new node.</summary>
    public TimeSpan Both => Pod + Node;
}
