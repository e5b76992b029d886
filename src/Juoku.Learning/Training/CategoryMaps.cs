using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Juoku.Batch.Tables;

namespace Juoku.Learning.Training;

/// <summary>The codes of a model's categories: for each categorical feature its values in the order of their codes. What is not among them is missing.</summary>
/// <param name="Values">Values in code order, by feature.</param>
public sealed record CategoryMaps(ImmutableSortedDictionary<string, ImmutableArray<string>> Values)
{
    /// <summary>No categories.</summary>
    public static CategoryMaps Empty { get; } = new(ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal));

    /// <summary>The codes of a feature; null when it has none.</summary>
    public CategoryCodes? CodesOf(string feature) => Values.TryGetValue(feature, out ImmutableArray<string> values) ? new CategoryCodes(values) : null;

    /// <summary>
    /// Codes by how often values occur, the most frequent first and in ordinal order where equal, so that they do not depend on the order of the rows.
    /// Values of a parent keep their codes, as its trees split by them; new ones come after.
    /// </summary>
    /// <param name="names">The values met.</param>
    /// <param name="config">Which of them are categories.</param>
    /// <param name="parent">Values that have codes already; empty for none.</param>
    public static ImmutableArray<string> Choose(ValueNames names, CategoryConfig config, ImmutableArray<string> parent)
    {
        HashSet<string> taken = [.. parent];
        (string Name, long Count)[] ordered =
        [
            .. names.Names.Zip(names.Counts).Where(value => !taken.Contains(value.First))
                .OrderByDescending(value => value.Second).ThenBy(value => value.First, StringComparer.Ordinal),
        ];
        int most = Math.Max(0, config.Most - parent.Length);
        ImmutableArray<string> chosen = [.. parent, .. ordered.TakeWhile(value => value.Count >= config.MinimumCount).Take(most).Select(value => value.Name)];

        // A map without values would say nothing of what the column holds.
        return chosen.IsEmpty && ordered.Length > 0 ? [ordered[0].Name] : chosen;
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="TableException">It is none of ours.</exception>
    public static CategoryMaps Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            Dictionary<string, string[]> values = JsonSerializer.Deserialize<Dictionary<string, string[]>>(json) ?? [];
            return new CategoryMaps(Empty.Values.AddRange(values.Select(feature => KeyValuePair.Create(feature.Key, feature.Value.ToImmutableArray()))));
        }
        catch (JsonException e)
        {
            throw new TableException(name, $"not a map of categories as text ({e.Message}); a model trained elsewhere cannot be a parent", e);
        }
    }

    /// <summary>The file <c>model.categories.json</c>.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach ((string feature, ImmutableArray<string> values) in Values)
            {
                json.WriteStartArray(feature);
                foreach (string value in values) json.WriteStringValue(value);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
