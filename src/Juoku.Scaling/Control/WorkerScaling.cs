using System.Globalization;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Leadership;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Control;

/// <summary>
/// Scales a Deployment of workers during one term: looks, decides by <see cref="FleetPolicy"/>, writes on condition of what was seen. What it knows is
/// in the cluster and in the stores, so that whoever leads next goes on from there. What cannot be read or written is tried again at the next
/// look; until then everything stays as it is.
/// </summary>
/// <param name="workers">The Deployment.</param>
/// <param name="read">Reads queue and runs: <c>FleetReader.ReadAsync</c>.</param>
/// <param name="settings">What to keep to.</param>
/// <param name="events">Tell people.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Gets the troubles.</param>
/// <param name="progress">Is told every step.</param>
public sealed class WorkerScaling(
    WorkerDeployment workers, Func<CancellationToken, Task<FleetSnapshot>> read, ScalingSettings settings, ClusterEvents events, TimeProvider time, ILogger log,
    IProgress<ScalingStep>? progress = null)
{
    private const int Tries = 3;

    private ScalingState _state = ScalingState.Initial;
    private ScalingStatus _status = new();
    private string? _trouble;

    /// <summary>The Deployment's id; empty before it was seen.</summary>
    public string DeploymentUid { get; private set; } = "";

    /// <summary>Scales until the term is over or it is told to stop.</summary>
    public async Task RunAsync(LeaderTerm term, CancellationToken stop)
    {
        (_state, _status) = (ScalingState.Initial, ScalingStatus.From(term.NotesBefore));
        while (true)
        {
            TimeSpan pause = settings.Interval;
            try
            {
                await StepAsync(term, stop).ConfigureAwait(false);
                _trouble = null;
            }
            catch (ClusterException e)
            {
                if (_trouble != e.Message) log.LogError("the workers stay as they are: {Error}", _trouble = e.Message);
                if (e.RetryAfter > pause) pause = e.RetryAfter;
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Looks, decides and acts once.</summary>
    private async Task StepAsync(LeaderTerm term, CancellationToken stop)
    {
        for (int tried = 1; ; tried++)
        {
            WorkerFleet seen = await workers.LookAsync(stop).ConfigureAwait(false);
            DeploymentUid = seen.Uid;
            FleetSnapshot fleet = await read(stop).ConfigureAwait(false);
            WorkerCounts counts = Count(seen, fleet);

            // What was asked for last is what the Deployment asks for now, whoever wrote it: a leader before, or a person.
            FleetDecision decided = FleetPolicy.Decide(fleet, counts, settings, _state with { Replicas = seen.Replicas });
            int wanted = decided.Decision.Replicas;
            try
            {
                if (wanted != seen.Replicas) await workers.ScaleAsync(seen, wanted, term, stop).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Fault == ClusterFault.Conflict && tried < Tries)
            {
                continue; // somebody changed the Deployment meanwhile: what was decided may be wrong for what it is now
            }

            _state = decided.Decision.State;
            progress?.Report(new(seen, counts, fleet, decided));
            await TellAsync(term, seen, counts, fleet, decided, stop).ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Where workers do not mark their pods, every part in hand is taken to be in another pod.</summary>
    private static WorkerCounts Count(WorkerFleet seen, FleetSnapshot fleet)
    {
        int busy = seen.Busy ?? (int)Math.Min(seen.Ready, fleet.Fault is null ? fleet.Queue.InFlight : seen.Ready);
        bool fail = seen.Crashing > 0 && seen.Crashing * 2 >= seen.Ready + seen.Pending;
        return new WorkerCounts(seen.Ready, seen.Pending, busy, fail);
    }

    private async Task TellAsync(LeaderTerm term, WorkerFleet seen, WorkerCounts counts, FleetSnapshot fleet, FleetDecision decided, CancellationToken stop)
    {
        ScalingDecision decision = decided.Decision;
        if (decision.Replicas != seen.Replicas)
        {
            bool up = decision.Replicas > seen.Replicas;
            string when = decision.Eta is { } eta && decision.Replicas > 0 ? string.Create(CultureInfo.InvariantCulture, $"; done about {eta:u}") : "";
            await events.TellAsync(seen.Uid, new(up ? "ScaledUp" : "ScaledDown", "Scale", $"{seen.Replicas} → {decision.Replicas} workers: {decision.Reason}{when}"), stop).ConfigureAwait(false);
        }

        DateTimeOffset now = time.GetUtcNow();
        bool isReadable = fleet.Fault is null;
        if (_status.Set(ScalingCondition.BacklogReadable, isReadable, fleet.Fault ?? "", now, usual: true))
            await events.TellAsync(seen.Uid, isReadable
                ? new("BacklogReadable", "Look", "queue and runs can be read again")
                : new("BacklogUnreadable", "Hold", $"holding {decision.Replicas} workers: {fleet.Fault}", IsWarning: true), stop).ConfigureAwait(false);

        string crashes = counts.Fail ? $"{seen.Crashing} of {seen.Ready + seen.Pending} workers do not start or die again and again; see their logs" : "";
        if (_status.Set(ScalingCondition.WorkersFail, counts.Fail, crashes, now))
            await events.TellAsync(seen.Uid, counts.Fail ? new("WorkersFail", "Hold", crashes, IsWarning: true) : new("WorkersStart", "Look", "workers start again"), stop).ConfigureAwait(false);

        // What cannot be read tells nothing of deadlines, neither good nor bad.
        if (isReadable) await TellOfDeadlinesAsync(seen.Uid, decided, now, stop).ConfigureAwait(false);
        term.Notes = Notes(decided, now);
    }

    private async Task TellOfDeadlinesAsync(string uid, FleetDecision decided, DateTimeOffset now, CancellationToken stop)
    {
        string impossible = "", risk = "";
        foreach (RunOutlook outlook in decided.Runs.Reverse())
        {
            if (outlook.Run.Deadline is not { } deadline) continue;
            DateTimeOffset? earliest = outlook.EarliestFinish ?? (now > deadline ? now : null);
            if (earliest > deadline)
                impossible = string.Create(CultureInfo.InvariantCulture, $"run {outlook.Run.Run} is due at {deadline:u}, but cannot be done before {earliest:u} with the {settings.Max} workers that scaling.max allows");
            if (outlook.DeadlineAtRisk)
                risk = string.Create(CultureInfo.InvariantCulture, $"run {outlook.Run.Run} is due at {deadline:u} and may be late: done about {(outlook.Eta is { } eta ? $"{eta:u}" : "nobody knows when")}");
        }

        if (_status.Set(ScalingCondition.DeadlineImpossible, impossible.Length > 0, impossible, now))
            await events.TellAsync(uid, impossible.Length > 0 ? new("DeadlineImpossible", "Plan", impossible, IsWarning: true) : new("DeadlinePossible", "Plan", "every deadline can be met again"), stop).ConfigureAwait(false);
        if (_status.Set(ScalingCondition.DeadlineAtRisk, risk.Length > 0, risk, now))
            await events.TellAsync(uid, risk.Length > 0 ? new("DeadlineAtRisk", "Plan", risk, IsWarning: true) : new("DeadlineInReach", "Plan", "no deadline is at risk any more"), stop).ConfigureAwait(false);
    }

    private Dictionary<string, string> Notes(FleetDecision decided, DateTimeOffset now) => new()
    {
        ["juoku.dev/replicas"] = decided.Decision.Replicas.ToString(CultureInfo.InvariantCulture),
        ["juoku.dev/reason"] = decided.Decision.Reason,
        ["juoku.dev/eta"] = decided.Decision.Eta is { } eta ? eta.ToString("u", CultureInfo.InvariantCulture) : "",
        ["juoku.dev/decided"] = now.ToString("u", CultureInfo.InvariantCulture),
        [ScalingStatus.ConditionsNote] = _status.Text(),
    };
}

/// <summary>One step of a scaling.</summary>
/// <param name="Seen">The Deployment, as it was seen.</param>
/// <param name="Counts">Its workers.</param>
/// <param name="Fleet">What queue and store told.</param>
/// <param name="Decided">What was decided, and done where it differs from what was seen.</param>
public sealed record ScalingStep(WorkerFleet Seen, WorkerCounts Counts, FleetSnapshot Fleet, FleetDecision Decided);
