using System.Collections.Immutable;
using System.Text.Json;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary>What the commands on models print for machines.</summary>
internal static class ModelJson
{
    public static void Write(Utf8JsonWriter json, ModelManifest manifest)
    {
        using JsonDocument document = JsonDocument.Parse(manifest.ToJson());
        document.WriteTo(json);
    }

    public static void Write(Utf8JsonWriter json, ModelListing listing)
    {
        json.WriteStartArray();
        foreach (ListedVersion version in listing.Versions)
        {
            json.WriteStartObject();
            json.WriteString("model", version.Name);
            json.WriteNumber("version", version.Version);
            json.WriteStartArray("aliases");
            foreach (string alias in version.Aliases) json.WriteStringValue(alias);
            json.WriteEndArray();
            if (version.Problem is not null) json.WriteString("problem", version.Problem);
            if (version.Manifest is { } manifest)
            {
                json.WritePropertyName("manifest");
                Write(json, manifest);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, ModelManifest manifest, ImmutableArray<ModelManifest> ancestors, ImmutableArray<AliasState> aliases)
    {
        json.WriteStartObject();
        json.WritePropertyName("manifest");
        Write(json, manifest);
        json.WriteStartArray("ancestors");
        foreach (ModelManifest ancestor in ancestors) json.WriteStringValue(ancestor.Reference);
        json.WriteEndArray();
        json.WriteStartObject("aliases");
        foreach (AliasState alias in aliases)
        {
            json.WriteStartObject(alias.Alias);
            json.WriteNumber("version", alias.Version);
            json.WriteStartArray("history");
            foreach (AliasMove move in alias.History)
            {
                json.WriteStartObject();
                json.WriteString("at", move.At);
                json.WriteString("by", move.By);
                json.WriteString("kind", move.Kind.ToString().ToLowerInvariant());
                if (move.From is { } from) json.WriteNumber("from", from);
                json.WriteNumber("to", move.To);
                json.WriteString("reason", move.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ImmutableArray<CheckedFile> files)
    {
        json.WriteStartArray();
        foreach (CheckedFile file in files)
        {
            json.WriteStartObject();
            json.WriteString("url", file.Url);
            if (file.Length is { } length) json.WriteNumber("length", length);
            json.WriteBoolean("ok", file.Problem is null);
            if (file.Problem is not null) json.WriteString("problem", file.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, PromotionResult result)
    {
        json.WriteStartObject();
        json.WriteString("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(result.Outcome.ToString()));
        json.WriteString("model", result.Model);
        json.WriteString("alias", result.Alias);
        if (result.From is { } from) json.WriteNumber("from", from);
        json.WriteNumber("to", result.To);
        if (result.Comparison is { } comparison)
        {
            json.WriteStartObject("log_loss");
            WriteNumber("candidate", comparison.Candidate);
            WriteNumber("champion", comparison.Champion);
            WriteNumber("change", comparison.Change);
            json.WriteNumber("tolerance", comparison.Tolerance);
            json.WriteEndObject();
        }

        json.WriteString("message", result.Message);
        json.WriteEndObject();

        void WriteNumber(string name, double value)
        {
            if (double.IsFinite(value)) json.WriteNumber(name, value);
            else json.WriteNull(name);
        }
    }
}
