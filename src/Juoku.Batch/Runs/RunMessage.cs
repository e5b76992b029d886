using System.Text.Json;

namespace Juoku.Batch.Runs;

/// <summary>What a message on the queue says.</summary>
public abstract record RunMessage
{
    private RunMessage()
    {
    }

    /// <summary>A part of a run is to be predicted.</summary>
    public sealed record Part(PartMessage Message) : RunMessage;

    /// <summary>Objects were created in a bucket.</summary>
    public sealed record Created(IReadOnlyList<CreatedObject> Objects) : RunMessage;

    /// <summary>Nothing is to be done: the test that S3 sends when notifications are set up, or the end of an object.</summary>
    public sealed record Idle(string What) : RunMessage;

    /// <summary>A message that is not for us.</summary>
    public sealed record Foreign(string Reason) : RunMessage;

    /// <summary>Reads a message; what is not ours is a value too.</summary>
    public static RunMessage Read(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            JsonElement root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return new Foreign("the message is JSON, but no object");
            if (root.TryGetProperty("run", out _)) return ReadPart(root);
            return S3Notification.TryRead(root) ?? new Foreign("the message is neither a part of a run nor an S3 event");
        }
        catch (JsonException)
        {
            return new Foreign("the message is not JSON");
        }
    }

    private static RunMessage ReadPart(JsonElement root)
    {
        try
        {
            PartMessage message = root.Deserialize(RunJson.Default.PartMessage)!;
            if (message.V > PartMessage.CurrentVersion) return new Foreign($"the message is of version {message.V}; this worker knows {PartMessage.CurrentVersion}: update it");
            if (!RunKeys.IsRunName(message.Run ?? "")) return new Foreign("the message names no run");
            return message.Part >= 0 ? new Part(message) : new Foreign($"the message names part {message.Part}; parts count from 0");
        }
        catch (JsonException e)
        {
            return new Foreign($"the message names a run but is not ours ({e.Message.ReplaceLineEndings(" ")})");
        }
    }
}

/// <summary>That a part is to be predicted: <c>{"run":"dt-2026-11-23-0123456789ab","part":42,…}</c>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Store">URL of the store that holds the run; null for the worker's own.</param>
/// <param name="Generation">See <see cref="PartReceipt.Generation"/>.</param>
/// <param name="Faults">How often the part failed for no fault of its own (a store or a network that was down).</param>
/// <param name="V">Version of the message's form.</param>
public sealed record PartMessage(string Run, int Part, string? Store = null, int Generation = 0, int Faults = 0, int V = PartMessage.CurrentVersion)
{
    /// <summary>The version that is written.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What is sent.</summary>
    public string Body() => JsonSerializer.Serialize(this, RunJson.Default.PartMessage);
}
