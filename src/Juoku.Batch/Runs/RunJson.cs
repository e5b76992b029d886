using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>The JSON of what runs put in stores and queues: lower-case names with underscores, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RunPlan))]
[JsonSerializable(typeof(PartReceipt))]
[JsonSerializable(typeof(RunManifest))]
[JsonSerializable(typeof(GateVerdict))]
[JsonSerializable(typeof(CurrentPointer))]
[JsonSerializable(typeof(CancelMark))]
[JsonSerializable(typeof(PartMessage))]
[JsonSerializable(typeof(StandingRun))]
[JsonSerializable(typeof(StartedDay))]
[JsonSerializable(typeof(OverdueMark))]
[JsonSerializable(typeof(RunSettings))]
[JsonSerializable(typeof(RunStatus))]
[JsonSerializable(typeof(RunStatus[]))]
[JsonSerializable(typeof(GateThresholds))]
public sealed partial class RunJson : JsonSerializerContext
{
    /// <summary>The bytes of a record; the same record makes the same bytes.</summary>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => [.. JsonSerializer.SerializeToUtf8Bytes(value, type), (byte)'\n'];

    /// <summary>Reads a record of ours.</summary>
    /// <exception cref="RunException">It is none.</exception>
    public static T Read<T>(IStore store, string key, ReadOnlyMemory<byte> content, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new RunException($"{store.Url.TrimEnd('/')}/{key}: not what Juoku puts there ({e.Message.ReplaceLineEndings(" ")}); restore it, or delete it to begin anew", e);
        }
    }
}

/// <summary>That a run was cancelled: <c>runs/‹run›/cancelled.json</c>.</summary>
/// <param name="Time">When.</param>
public sealed record CancelMark(DateTimeOffset Time);

/// <summary>That a run was open after its deadline: <c>runs/‹run›/overdue.json</c>.</summary>
/// <param name="Seen">When that was seen.</param>
/// <param name="Deadline">The deadline.</param>
/// <param name="OpenParts">Parts that were open.</param>
public sealed record OverdueMark(DateTimeOffset Seen, DateTimeOffset Deadline, int OpenParts);
