using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Batch.Stores;

namespace Juoku.Learning.Features;

/// <summary>The days of feature sets in a store: <c>features/‹set›/dt=‹day›/</c> with parts, <c>_manifest.json</c> and, once all is there, <c>_SUCCESS</c>.</summary>
public static class FeatureDays
{
    /// <summary>Name of the object that says a day is complete.</summary>
    public const string Success = "_SUCCESS";

    private const string Manifest = "_manifest.json";

    /// <summary>The folder of a day, ending in a slash.</summary>
    public static string Folder(string set, DateOnly day) => $"features/{set}/{Named(day)}/";

    /// <summary>The name of a day's folder: <c>dt=2026-11-23</c>.</summary>
    public static string Named(DateOnly day) => day.ToString("'dt='yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The day in the key of an object under a prefix; null where there is none.</summary>
    public static DateOnly? DayOf(string key, string prefix)
    {
        ReadOnlySpan<char> rest = key.AsSpan(prefix.Length);
        int slash = rest.IndexOf('/');
        return slash > 3 && rest.StartsWith("dt=") && DateOnly.TryParseExact(rest[3..slash], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)
            ? day
            : null;
    }

    /// <summary>Days in order as text: <c>2026-11-01 … 2026-11-07, 2026-11-09</c>.</summary>
    public static string Ranges(IReadOnlyList<DateOnly> days)
    {
        var ranges = new List<string>();
        for (int i = 0; i < days.Count;)
        {
            int end = i;
            while (end + 1 < days.Count && days[end + 1].DayNumber == days[end].DayNumber + 1) end++;
            ranges.Add(end == i ? Iso(days[i]) : $"{Iso(days[i])} … {Iso(days[end])}");
            i = end + 1;
        }

        return string.Join(", ", ranges);

        static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <summary>The complete days of a set, in order.</summary>
    public static async Task<IReadOnlyList<DateOnly>> ListAsync(IStore store, string set, CancellationToken cancellation)
    {
        string prefix = $"features/{set}/";
        var days = new List<DateOnly>();
        await foreach (StoredObject item in store.ListAsync(prefix, cancellation).ConfigureAwait(false))
            if (item.Key.EndsWith("/" + Success, StringComparison.Ordinal) && DayOf(item.Key, prefix) is { } day) days.Add(day);
        return days;
    }

    /// <summary>Reads what a complete day is; null when the day is not there, or not complete.</summary>
    /// <exception cref="FeatureException">The manifest is damaged.</exception>
    public static async Task<FeatureManifest?> FindAsync(IStore store, string set, DateOnly day, CancellationToken cancellation)
    {
        string folder = Folder(set, day);
        if (await store.FindAsync(folder + Success, cancellation).ConfigureAwait(false) is null) return null;
        string key = folder + Manifest;
        if (await store.GetAsync(key, cancellation).ConfigureAwait(false) is not { } bytes)
            throw new FeatureException($"{store.Url}/{key}: is missing; build the day again");
        try
        {
            return JsonSerializer.Deserialize(bytes.Content.Span, FeatureJson.Default.FeatureManifest) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new FeatureException($"{store.Url}/{key}: is no manifest of features ({e.Message}); build the day again", e);
        }
    }

    /// <summary>Puts the manifest and, after it, the mark that the day is complete.</summary>
    internal static async Task CompleteAsync(IStore store, FeatureManifest manifest, CancellationToken cancellation)
    {
        string folder = Folder(manifest.Set, manifest.Day);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest, FeatureJson.Default.FeatureManifest);
        await store.PutAsync(folder + Manifest, json, PutCondition.None, cancellation).ConfigureAwait(false);
        await store.PutAsync(folder + Success, default, PutCondition.None, cancellation).ConfigureAwait(false);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FeatureManifest))]
[JsonSerializable(typeof(AggregateStamp))]
internal sealed partial class FeatureJson : JsonSerializerContext;

/// <summary>What a day's kept tables were made from: as long as it is the same, they need not be made again.</summary>
internal sealed record AggregateStamp(string Digest);
