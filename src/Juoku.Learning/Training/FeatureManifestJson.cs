using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Learning.Features;

namespace Juoku.Learning.Training;

/// <summary>The file form of a <see cref="FeatureManifest"/>.</summary>
[JsonSerializable(typeof(FeatureManifest))]
internal sealed partial class FeatureManifestJson : JsonSerializerContext
{
    private static readonly FeatureManifestJson Instance = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true });

    public static FeatureManifest Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Instance.FeatureManifest) ?? throw new JsonException("it says null");

    public static byte[] Write(FeatureManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Instance.FeatureManifest);
}
