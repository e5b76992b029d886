namespace Juoku.Scaling.Keda;

/// <summary>A trigger of a ScaledObject, as its metadata is understood.</summary>
/// <param name="Target">The ScaledObject, as namespace/name.</param>
/// <param name="Queue">URL of the queue.</param>
/// <param name="Store">URL of the store.</param>
/// <param name="Run">The one run to count; null for all.</param>
/// <param name="Settings">What to keep to.</param>
public sealed record KedaTrigger(string Target, string Queue, string Store, string? Run, ScalingSettings Settings);

/// <summary>Reads the metadata of a ScaledObject's trigger.</summary>
/// <param name="target">The ScaledObject, as namespace/name.</param>
/// <param name="metadata">The trigger's metadata, as KEDA passes it on: with <c>scalerAddress</c> and other keys of KEDA's own.</param>
/// <exception cref="KedaMetadataException">It is wrong.</exception>
public delegate KedaTrigger KedaTriggerReading(string target, IReadOnlyDictionary<string, string> metadata);

/// <summary>A trigger's metadata is wrong: says of which ScaledObject, what, and what to write instead, in one line.</summary>
public sealed class KedaMetadataException(string target, string problem) : Exception($"ScaledObject {target}: {problem.ReplaceLineEndings(" ")}");
