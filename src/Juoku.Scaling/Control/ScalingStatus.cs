using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Juoku.Scaling.Control;

/// <summary>Something that holds or does not, as Kubernetes words it.</summary>
/// <param name="Type">What.</param>
/// <param name="Holds">Whether it holds.</param>
/// <param name="Message">Why, in one line.</param>
/// <param name="LastTransitionTime">Since when.</param>
public sealed record ScalingCondition(string Type, bool Holds, string Message, DateTimeOffset LastTransitionTime)
{
    /// <summary>Neither queue nor store withholds what decisions are made of.</summary>
    public const string BacklogReadable = nameof(BacklogReadable);

    /// <summary>Workers do not start, or die again and again.</summary>
    public const string WorkersFail = nameof(WorkersFail);

    /// <summary>A deadline may be missed.</summary>
    public const string DeadlineAtRisk = nameof(DeadlineAtRisk);

    /// <summary>A deadline cannot be met with all the workers there may be.</summary>
    public const string DeadlineImpossible = nameof(DeadlineImpossible);
}

/// <summary>
/// The conditions of a scaling, and what was decided last. They stand as annotations on the lease, which its holder renews anyway, and the next
/// leader takes them up from there.
/// </summary>
public sealed partial class ScalingStatus
{
    /// <summary>The annotation that holds the conditions, as JSON.</summary>
    public const string ConditionsNote = "juoku.dev/conditions";

    private ImmutableSortedDictionary<string, ScalingCondition> _conditions = ImmutableSortedDictionary<string, ScalingCondition>.Empty;

    /// <summary>The conditions, by type.</summary>
    public IReadOnlyDictionary<string, ScalingCondition> Conditions => _conditions;

    /// <summary>Takes up what a leader before left; what cannot be read is begun anew.</summary>
    public static ScalingStatus From(IDictionary<string, string>? annotations)
    {
        var status = new ScalingStatus();
        if (annotations is null || !annotations.TryGetValue(ConditionsNote, out string? text)) return status;
        try
        {
            ScalingCondition?[] left = JsonSerializer.Deserialize(text, ConditionJson.Default.ScalingConditionArray) ?? [];
            status._conditions = left.OfType<ScalingCondition>().Where(condition => condition.Type is not null).DistinctBy(condition => condition.Type).ToImmutableSortedDictionary(condition => condition.Type, condition => condition);
        }
        catch (JsonException)
        {
            // Anybody may write annotations; at worst an event is told twice.
        }

        return status;
    }

    /// <summary>Notes whether something holds; true when that is news: it changed, or it is the first time and not as it should be.</summary>
    /// <param name="type">What.</param>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="message">Why.</param>
    /// <param name="now">When.</param>
    /// <param name="usual">What is no news at first.</param>
    public bool Set(string type, bool holds, string message, DateTimeOffset now, bool usual = false)
    {
        ScalingCondition? before = _conditions.GetValueOrDefault(type);
        bool hasChanged = before is null || before.Holds != holds;
        _conditions = _conditions.SetItem(type, new(type, holds, message, hasChanged ? now : before!.LastTransitionTime));
        return before is null ? holds != usual : hasChanged;
    }

    /// <summary>The conditions as an annotation.</summary>
    public string Text() => JsonSerializer.Serialize([.. _conditions.Values], ConditionJson.Default.ScalingConditionArray);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(ScalingCondition[]))]
    private sealed partial class ConditionJson : JsonSerializerContext;
}
