using System.Collections.Immutable;
using Juoku.Batch.Queues;

namespace Juoku.Scaling.Observing;

/// <summary>What queue and store told at one moment; facts only, no decision.</summary>
public sealed record FleetSnapshot
{
    /// <summary>When.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Why queue or store could not be read, in one line; everything else is then as of no time and means nothing.</summary>
    public string? Fault { get; init; }

    /// <summary>The queue's messages.</summary>
    public QueueDepth Queue { get; init; }

    /// <summary>The runs that have parts left, in the order in which they were submitted.</summary>
    public ImmutableArray<RunSnapshot> Runs { get; init; } = [];

    /// <summary>How fast workers are; null before any part was finished, in these runs or in those published before them.</summary>
    public WorkerPace? Pace { get; init; }

    /// <summary>Workers that put a receipt of late.</summary>
    public int WorkersSeen { get; init; }

    /// <summary>Parts needed a second attempt of late: workers get lost.</summary>
    public bool LosesWorkers { get; init; }

    /// <summary>Parts of late ended dead or needed attempt after attempt.</summary>
    public bool PartsFail { get; init; }

    /// <summary>Since when nothing was finished while messages were in flight.</summary>
    public DateTimeOffset QuietSince { get; init; }
}

/// <summary>What is left of a run.</summary>
public sealed record RunSnapshot
{
    /// <summary>The run.</summary>
    public required string Run { get; init; }

    /// <summary>Its set.</summary>
    public required string Set { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it has to be done.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Parts without a final receipt.</summary>
    public required int OpenParts { get; init; }

    /// <summary>Their rows, estimated from the size of their input and the rows a byte of parts that are done.</summary>
    public required long OpenRows { get; init; }
}

/// <summary>Workers as whoever scales them sees them.</summary>
/// <param name="Ready">Can take parts.</param>
/// <param name="Pending">Asked for, not ready yet.</param>
/// <param name="Busy">Ready ones that hold a part.</param>
/// <param name="Fail">They keep crashing.</param>
public sealed record WorkerCounts(int Ready, int Pending, int Busy, bool Fail = false);
