using System.Collections.Immutable;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Observing;

/// <summary>
/// The policy over all runs of a queue: from a snapshot follows one number of workers. Pure.
/// </summary>
/// <remarks>
/// <para>
/// <b>Idea.</b> Workers take parts as the queue hands them out, about in the order in which they were sent. So when run <c>k</c> is done, all runs submitted
/// before it are, too; what has to be done by its deadline is its own rows and theirs. <see cref="DeadlinePolicy"/> is asked once for each run with
/// that work and that deadline, and the largest answer counts. It is enough for all, and one less would be too few for one.
/// </para>
/// <para>
/// <b>Parts and messages.</b> A part is work only while a message for it is there: one that was lost, or not sent yet, keeps no worker. So the
/// parts left are at most the messages, visible and in flight. Messages beyond the parts (those of a bucket, duplicates) matter only where no part is
/// left: they are worth a worker that looks at them.
/// </para>
/// </remarks>
public static class FleetPolicy
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(10);
    private const double StuckAfterParts = 5;

    /// <summary>Decides.</summary>
    /// <param name="fleet">What queue and store tell.</param>
    /// <param name="workers">The workers there are.</param>
    /// <param name="settings">What to keep to.</param>
    /// <param name="state">The state that the last decision left; <see cref="ScalingState.Initial"/> before the first.</param>
    /// <exception cref="ScalingException">The settings contradict each other.</exception>
    public static FleetDecision Decide(FleetSnapshot fleet, WorkerCounts workers, ScalingSettings settings, ScalingState state)
    {
        ScalingLimits limits = settings.Limits();
        ImmutableArray<ScalingObservation> seen = Observe(fleet, workers, settings);
        ScalingDecision[] asked = [.. seen.Select(one => DeadlinePolicy.Decide(one, limits, state))];
        int most = asked.Max(decision => decision.Replicas);
        int first = Array.FindIndex(asked, decision => decision.Replicas == most);

        // Again with the number that all of them get: when is each run done then?
        ScalingState all = asked[first].State with { Replicas = most };
        ScalingDecision[] outlook = seen.Length == 1 ? asked : [.. seen.Select(one => DeadlinePolicy.Decide(one, limits, all))];
        int last = seen.Length - 1;
        return new()
        {
            Decision = asked[first] with
            {
                Reason = seen.Length == 1 ? asked[first].Reason : $"{asked[first].Reason} (run {fleet.Runs[first].Run})",
                Eta = outlook[last].Eta,
                EtaP95 = outlook[last].EtaP95,
                EarliestFinish = outlook[last].EarliestFinish,
                DeadlineAtRisk = outlook.Any(decision => decision.DeadlineAtRisk),
                State = all,
            },
            Backlog = seen[last].Backlog,
            Runs = [.. fleet.Runs.Take(fleet.Fault is null ? seen.Length : 0).Select((run, i) => RunOutlook.Of(run, outlook[i]))],
        };
    }

    /// <summary>What the policy is asked: one observation for each run with parts left, with the work that comes before its end; one in all where there is none.</summary>
    public static ImmutableArray<ScalingObservation> Observe(FleetSnapshot fleet, WorkerCounts workers, ScalingSettings settings)
    {
        var common = new ScalingObservation
        {
            Now = fleet.Now,
            Backlog = null,
            Ready = workers.Ready,
            Pending = workers.Pending,
            Busy = workers.Busy,
            Rate = fleet.Pace?.Rate,
            StartUp = settings.StartUp(),
            Redelivery = fleet.LosesWorkers ? settings.Redelivery : TimeSpan.Zero,
            Failing = workers.Fail || fleet.PartsFail,
            Stuck = fleet.Fault is null && IsStuck(fleet),
        };
        if (fleet.Fault is not null) return [common];

        long messages = fleet.Queue.Visible + fleet.Queue.InFlight, parts = fleet.Runs.Sum(run => (long)run.OpenParts);
        if (parts == 0 || messages == 0) return [common with { Backlog = Share(0, (int)Math.Min(int.MaxValue, messages), fleet.Queue.InFlight) }];
        double share = Math.Min(1, (double)messages / parts);
        var seen = ImmutableArray.CreateBuilder<ScalingObservation>(fleet.Runs.Length);
        long rows = 0, before = 0;
        foreach (RunSnapshot run in fleet.Runs)
        {
            (rows, before) = (rows + run.OpenRows, before + run.OpenParts);
            int left = (int)Math.Min(int.MaxValue, Math.Ceiling(before * share));
            seen.Add(common with { Backlog = Share((long)(rows * share), left, fleet.Queue.InFlight), Deadline = run.Deadline });
        }

        return seen.ToImmutable();
    }

    /// <summary>Parts in hand are those of the runs that were sent first.</summary>
    private static Backlog Share(long rows, int parts, long messagesInFlight)
    {
        int inFlight = (int)Math.Min(parts, messagesInFlight);
        long rowsInFlight = parts == 0 ? 0 : (long)((double)rows * inFlight / parts);
        return new(rows - rowsInFlight, parts - inFlight, rowsInFlight, inFlight);
    }

    private static bool IsStuck(FleetSnapshot fleet)
    {
        double patience = Math.Max(StuckAfter.TotalSeconds, StuckAfterParts * (fleet.Pace?.PartSeconds ?? 0));
        return fleet.Queue.InFlight > 0 && (fleet.Now - fleet.QuietSince).TotalSeconds > patience;
    }
}

/// <summary>How many workers a queue's runs need together, and what that means for each of them.</summary>
public sealed record FleetDecision
{
    /// <summary>The number, with the reason of the run that needs most; its times are those of the last run.</summary>
    public required ScalingDecision Decision { get; init; }

    /// <summary>All work left; null when it could not be read.</summary>
    public required Backlog? Backlog { get; init; }

    /// <summary>The runs with parts left, in the order in which they were submitted.</summary>
    public ImmutableArray<RunOutlook> Runs { get; init; } = [];
}

/// <summary>When a run will be done with the workers that were decided on.</summary>
/// <param name="Run">The run.</param>
/// <param name="Eta">As likely as not; null when no rate is known.</param>
/// <param name="EtaP95">Later only once in twenty times; null when no rate is known.</param>
/// <param name="EarliestFinish">With every worker that the limits allow; null when no rate is known.</param>
/// <param name="DeadlineAtRisk">The deadline may be missed.</param>
public sealed record RunOutlook(RunSnapshot Run, DateTimeOffset? Eta, DateTimeOffset? EtaP95, DateTimeOffset? EarliestFinish, bool DeadlineAtRisk)
{
    internal static RunOutlook Of(RunSnapshot run, ScalingDecision decision) =>
        new(run, decision.Eta, decision.EtaP95, decision.EarliestFinish, decision.DeadlineAtRisk);
}
