using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Control;

/// <summary>
/// The conditions of a scaling: takes in its steps, and says what is news in them. They stand as an annotation on the lease, and the next leader takes
/// them up from there, so that a change of leader is no news.
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
            foreach (ScalingCondition condition in left.OfType<ScalingCondition>().Where(condition => condition.Type is not null))
                status._conditions = status._conditions.SetItem(condition.Type, condition);
        }
        catch (JsonException)
        {
            // Anybody may write annotations; at worst an event is told twice.
        }

        return status;
    }

    /// <summary>Takes in a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="most">Most workers there may be.</param>
    /// <param name="now">When.</param>
    /// <returns>What people may want to know of it.</returns>
    public IReadOnlyList<ClusterEvent> Take(ScalingStep step, int most, DateTimeOffset now)
    {
        var news = new List<ClusterEvent>();
        (WorkerFleet seen, WorkerCounts counts, FleetSnapshot fleet, FleetDecision decided) = step;
        if (decided.Decision.Replicas != seen.Replicas) news.Add(Scaled(seen.Replicas, decided.Decision));

        if (Set(ScalingCondition.BacklogReadable, fleet.Fault is null, fleet.Fault ?? "", now, usual: true))
            news.Add(fleet.Fault is null
                ? new("BacklogReadable", "Look", "queue and runs can be read again")
                : new("BacklogUnreadable", "Hold", $"holding {decided.Decision.Replicas} workers: {fleet.Fault}", IsWarning: true));

        string crashes = counts.Fail ? $"{seen.Crashing} of {seen.Ready + seen.Pending} workers do not start or die again and again; see their logs" : "";
        Note(ScalingCondition.WorkersFail, crashes, "Hold", new("WorkersStart", "Look", "workers start again"));

        // What cannot be read tells nothing of deadlines, neither good nor bad.
        if (fleet.Fault is not null) return news;
        Note(ScalingCondition.DeadlineImpossible, Impossible(decided, most, now), "Plan", new("DeadlinePossible", "Plan", "every deadline can be met again"));
        Note(ScalingCondition.DeadlineAtRisk, AtRisk(decided), "Plan", new("DeadlineInReach", "Plan", "no deadline is at risk any more"));
        return news;

        void Note(string trouble, string why, string action, ClusterEvent over)
        {
            if (Set(trouble, why.Length > 0, why, now)) news.Add(why.Length > 0 ? new(trouble, action, why, IsWarning: true) : over);
        }
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

    private static ClusterEvent Scaled(int before, ScalingDecision decision)
    {
        string when = decision.Eta is { } eta && decision.Replicas > 0 ? string.Create(CultureInfo.InvariantCulture, $"; done about {eta:u}") : "";
        return new(decision.Replicas > before ? "ScaledUp" : "ScaledDown", "Scale", $"{before} → {decision.Replicas} workers: {decision.Reason}{when}");
    }

    /// <summary>The first run that cannot be done in time, and when it can; empty when all can.</summary>
    private static string Impossible(FleetDecision decided, int most, DateTimeOffset now) => decided.Runs
        .Select(outlook => (outlook.Run, Earliest: outlook.EarliestFinish ?? (now > outlook.Run.Deadline ? now : null)))
        .Where(late => late.Earliest - late.Run.Deadline >= TimeSpan.FromSeconds(1)) // less would read as the same time
        .Select(late => string.Create(CultureInfo.InvariantCulture,
            $"run {late.Run.Run} is due at {late.Run.Deadline:u}, but cannot be done before {late.Earliest:u} with the {most} workers that scaling.max allows"))
        .FirstOrDefault("");

    /// <summary>The first run that may be late; empty when none may.</summary>
    private static string AtRisk(FleetDecision decided) => decided.Runs
        .Where(outlook => outlook is { DeadlineAtRisk: true, Run.Deadline: not null })
        .Select(outlook => string.Create(CultureInfo.InvariantCulture,
            $"run {outlook.Run.Run} is due at {outlook.Run.Deadline:u} and may be late: {(outlook.Eta is { } eta ? $"done about {eta:u}, with bad luck at {outlook.EtaP95:u}" : "nobody knows when it is done")}"))
        .FirstOrDefault("");

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(ScalingCondition[]))]
    private sealed partial class ConditionJson : JsonSerializerContext;
}
