using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Juoku.Batch.Runs;

/// <summary>How a run stands.</summary>
public sealed record RunStatus
{
    /// <summary>The run.</summary>
    public required string Run { get; init; }

    /// <summary>Its set.</summary>
    public required string Set { get; init; }

    /// <summary>Its day.</summary>
    public string? Day { get; init; }

    /// <summary>What people call its model.</summary>
    public required string Model { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>Parts in all.</summary>
    public required int Parts { get; init; }

    /// <summary>Parts predicted.</summary>
    public required int Finished { get; init; }

    /// <summary>Parts whose input is bad.</summary>
    public required int Rejected { get; init; }

    /// <summary>Parts that no worker lived to finish.</summary>
    public required int Dead { get; init; }

    /// <summary>Rows predicted.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows set aside as bad.</summary>
    public required long RejectedRows { get; init; }

    /// <summary>Rows a second: of the last minute while the run goes on, then over all of it.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>Workers that put a receipt in the last minute.</summary>
    public int Workers { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it has to be done.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>When it will be done at its present pace; when it was, if it is.</summary>
    public DateTimeOffset? Done { get; init; }

    /// <summary>Whether readers use it.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>Folder of its output.</summary>
    public required string Output { get; init; }

    /// <summary>Why it is not published, a line each.</summary>
    public ImmutableArray<string> Reasons { get; init; } = [];

    /// <summary>Parts that are rejected or dead, and why; the first hundred.</summary>
    public ImmutableArray<ManifestFault> Faults { get; init; } = [];

    /// <summary>Parts without a final receipt.</summary>
    [JsonIgnore]
    public int Open => Parts - Finished - Rejected - Dead;

    /// <summary>Whether nothing more happens by itself.</summary>
    [JsonIgnore]
    public bool IsSettled => State is RunState.Published or RunState.Unpublished or RunState.Cancelled;
}

/// <summary>Where a run stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunState>))]
public enum RunState
{
    /// <summary>Parts are open.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>All parts have their receipts; the last steps are under way.</summary>
    [JsonStringEnumMemberName("finishing")]
    Finishing,

    /// <summary>It passed its gate and was given to readers, who may have moved on since.</summary>
    [JsonStringEnumMemberName("published")]
    Published,

    /// <summary>It is complete, but did not pass its gate.</summary>
    [JsonStringEnumMemberName("unpublished")]
    Unpublished,

    /// <summary>Somebody cancelled it.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
