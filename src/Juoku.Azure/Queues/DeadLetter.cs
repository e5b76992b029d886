using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Juoku.Azure.Queues;

/// <summary>A message in the queue for dead letters, as JSON: messages of these queues have no attributes that could hold the reason.</summary>
/// <param name="Reason">Why it is there.</param>
/// <param name="Receives">How often it had been received.</param>
/// <param name="Body">What was sent.</param>
internal sealed record DeadLetter(string Reason, int Receives, string Body)
{
    /// <summary>The text to send: at most <paramref name="limit"/> bytes, for which the reason is cut short, and in the end left out.</summary>
    public string ToText(int limit)
    {
        string text = Serialize(this);
        int excess = Encoding.UTF8.GetByteCount(text) - limit;
        if (excess <= 0) return text;

        // A character of the reason takes a byte at least, and an ellipsis three.
        int kept = Math.Max(Reason.Length - excess - 3, 0);
        text = Serialize(this with { Reason = Reason[..kept] + "…" });
        return Encoding.UTF8.GetByteCount(text) <= limit ? text : Body;
    }

    private static string Serialize(DeadLetter letter) => JsonSerializer.Serialize(letter, DeadLetterJson.Relaxed.DeadLetter);
}

[JsonSerializable(typeof(DeadLetter))]
internal sealed partial class DeadLetterJson : JsonSerializerContext
{
    /// <summary>Leaves letters of all languages as they are: they would grow sixfold.</summary>
    public static DeadLetterJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
