using System.Net;
using System.Text.Json;

namespace Juoku.Batch.Runs;

/// <summary>An object that came into being in a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">Its key.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ETag">Its version, without quotes.</param>
public sealed record CreatedObject(string Bucket, string Key, long Length, string ETag);

/// <summary>
/// S3's event notifications as AWS documents them ("Event message structure"), alone or in the envelope of an SNS topic. Keys are encoded
/// like forms there, a blank as a plus sign.
/// </summary>
internal static class S3Notification
{
    /// <summary>What the message says; null when it is no notification.</summary>
    public static RunMessage? TryRead(JsonElement root)
    {
        if (Text(root, "Type") == "Notification" && Text(root, "Message") is { } inner)
        {
            using JsonDocument enclosed = JsonDocument.Parse(inner);
            return enclosed.RootElement.ValueKind == JsonValueKind.Object ? TryRead(enclosed.RootElement) : null;
        }

        if (Text(root, "Event") == "s3:TestEvent") return new RunMessage.Idle("S3's test of its notifications");
        if (!root.TryGetProperty("Records", out JsonElement records) || records.ValueKind != JsonValueKind.Array) return null;

        var created = new List<CreatedObject>();
        foreach (JsonElement record in records.EnumerateArray())
        {
            if (record.ValueKind != JsonValueKind.Object || Text(record, "eventSource") != "aws:s3" || Text(record, "eventName") is not { } name) return null;
            if (!name.Replace("s3:", "", StringComparison.Ordinal).StartsWith("ObjectCreated:", StringComparison.Ordinal)) continue;
            if (Read(record) is not { } item) return new RunMessage.Foreign("the S3 event names no bucket, key or ETag");
            created.Add(item);
        }

        return created.Count > 0 ? new RunMessage.Created(created) : new RunMessage.Idle("an S3 event that no object came of");
    }

    private static CreatedObject? Read(JsonElement record)
    {
        if (!record.TryGetProperty("s3", out JsonElement s3) || s3.ValueKind != JsonValueKind.Object
            || !s3.TryGetProperty("bucket", out JsonElement bucket) || bucket.ValueKind != JsonValueKind.Object
            || !s3.TryGetProperty("object", out JsonElement item) || item.ValueKind != JsonValueKind.Object
            || Text(bucket, "name") is not { } name || Text(item, "key") is not { } key || Text(item, "eTag") is not { } etag) return null;
        long length = item.TryGetProperty("size", out JsonElement size) && size.TryGetInt64(out long bytes) ? bytes : 0;
        return new CreatedObject(name, WebUtility.UrlDecode(key), length, etag.Trim('"'));
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
