using System.Text.Json.Serialization;

namespace Juoku.Learning.Generation;

/// <summary>What a generated world was made from; kept beside its truth.</summary>
internal sealed record WorldStamp(int Users, int Ads, int Days, ulong Seed, DateOnly Start, int ImpressionsPerDay);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(WorldStamp))]
internal sealed partial class WorldJson : JsonSerializerContext;
