using System.Text.Json.Serialization;

namespace Juoku.Batch.Runs;

/// <summary>What has become of a part: <c>runs/‹run›/parts/‹part›.json</c>. Putting it is the commit point of the part.</summary>
public sealed record PartReceipt
{
    /// <summary>The part.</summary>
    public required int Part { get; init; }

    /// <summary>What has become of it.</summary>
    public required PartState State { get; init; }

    /// <summary>0 at first; one more each time the part is retried. A worker commits only what was asked of it in the current generation.</summary>
    public int Generation { get; init; }

    /// <summary>The output, when finished.</summary>
    public PartOutput? Output { get; init; }

    /// <summary>Why not, when rejected or dead.</summary>
    public PartFault? Fault { get; init; }

    /// <summary>How often the part's message had been received.</summary>
    public int Attempt { get; init; }

    /// <summary>Who wrote the receipt.</summary>
    public string Worker { get; init; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long the attempt took, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Whether nothing more is to be done for the part.</summary>
    [JsonIgnore]
    public bool IsFinal => State != PartState.Reopened;
}

/// <summary>What has become of a part.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PartState>))]
public enum PartState
{
    /// <summary>Predicted; the output lies where the receipt says.</summary>
    [JsonStringEnumMemberName("finished")]
    Finished,

    /// <summary>Its input is bad.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>Whoever took it up died or failed, again and again.</summary>
    [JsonStringEnumMemberName("dead")]
    Dead,

    /// <summary>To be done again, in a new generation.</summary>
    [JsonStringEnumMemberName("reopened")]
    Reopened,
}

/// <summary>The output of a finished part.</summary>
/// <param name="Name">File name within the run's output folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Digest of the bytes, in hexadecimal.</param>
/// <param name="Rows">Rows predicted.</param>
/// <param name="RejectedRows">Rows set aside under <c>_rejects/</c>.</param>
/// <param name="KeyedRows">Rows predicted whose keys are all there; 0 when the run has no keys.</param>
/// <param name="Rejects">The file that they and their reasons lie in; null when there are none.</param>
/// <param name="Scores">How the predictions are distributed.</param>
public sealed record PartOutput(
    string Name, long Length, string Sha256, long Rows, long RejectedRows, long KeyedRows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Rejects, ScoreSummary Scores);

/// <summary>Why a part has no output.</summary>
/// <param name="File">Its input.</param>
/// <param name="Reason">What is wrong and what to do, in one line.</param>
/// <param name="RowGroup">Row group, where known.</param>
/// <param name="Column">Column, where known.</param>
/// <param name="Row">Row or line, where known.</param>
public sealed record PartFault(string File, string Reason, int? RowGroup = null, string? Column = null, long? Row = null);
