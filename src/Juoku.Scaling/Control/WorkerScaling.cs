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
    private const int Tries = 5;

    private ScalingState _state = ScalingState.Initial;
    private ScalingStatus _status = new();
    private (ScalingStep Step, int Term)? _unheard;
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
                string state = _unheard is null ? "the workers stay as they are" : "whether the workers were scaled is seen at the next look";
                if (_trouble != e.Message) log.LogError("{State}: {Error}", state, _trouble = e.Message);
                if (e.RetryAfter > pause) pause = e.RetryAfter;
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Looks, decides and acts once.</summary>
    private async Task StepAsync(LeaderTerm term, CancellationToken stop)
    {
        // The slow part first: the Deployment changes with the state of every pod, and what is written on condition of it must not be old.
        FleetSnapshot fleet = await read(stop).ConfigureAwait(false);
        for (int tried = 1; ; tried++)
        {
            WorkerFleet seen = await workers.LookAsync(stop).ConfigureAwait(false);
            DeploymentUid = seen.Uid;
            await TellUnheardAsync(seen, term, stop).ConfigureAwait(false);
            WorkerCounts counts = Count(seen, fleet);

            // What was asked for last is what the Deployment asks for now, whoever wrote it: a leader before, or a person.
            FleetDecision decided = FleetPolicy.Decide(fleet, counts, settings, _state with { Replicas = seen.Replicas });
            int wanted = decided.Decision.Replicas;
            var step = new ScalingStep(seen, counts, fleet, decided);
            try
            {
                if (wanted != seen.Replicas) await workers.ScaleAsync(seen, wanted, term, stop).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Fault == ClusterFault.Conflict && tried < Tries)
            {
                continue; // somebody changed the Deployment meanwhile: what was decided may be wrong for what it is now
            }
            catch (Exception e) when (e is OperationCanceledException or ClusterException { Fault: ClusterFault.Unreachable })
            {
                _unheard = (step, term.Number);
                throw;
            }

            (_state, _unheard) = (decided.Decision.State, null);
            progress?.Report(step);
            await TellAsync(step, stop).ConfigureAwait(false);
            term.Notes = Notes(decided.Decision, time.GetUtcNow());
            return;
        }
    }

    /// <summary>A step that had no answer, but was done, is told when that is seen; unless another has led since, who may have done it.</summary>
    private async Task TellUnheardAsync(WorkerFleet seen, LeaderTerm term, CancellationToken stop)
    {
        if (_unheard is not { } last || last.Step.Decided.Decision.Replicas != seen.Replicas) return;
        _unheard = null;
        if (last.Step.Seen.Uid == seen.Uid && term.Number <= last.Term + 1) await TellAsync(last.Step, stop).ConfigureAwait(false);
    }

    private async Task TellAsync(ScalingStep step, CancellationToken stop)
    {
        foreach (ClusterEvent news in _status.Take(step, settings.Max, time.GetUtcNow())) await events.TellAsync(step.Seen.Uid, news, stop).ConfigureAwait(false);
    }

    /// <summary>Where workers do not mark their pods, every part in hand is taken to be in another pod.</summary>
    private static WorkerCounts Count(WorkerFleet seen, FleetSnapshot fleet)
    {
        int busy = seen.Busy ?? (int)Math.Min(seen.Ready, fleet.Fault is null ? fleet.Queue.InFlight : seen.Ready);
        bool fail = seen.Crashing > 0 && seen.Crashing * 2 >= seen.Ready + seen.Pending;
        return new WorkerCounts(seen.Ready, seen.Pending, busy, fail);
    }

    private Dictionary<string, string> Notes(ScalingDecision decision, DateTimeOffset now) => new()
    {
        ["juoku.dev/replicas"] = decision.Replicas.ToString(CultureInfo.InvariantCulture),
        ["juoku.dev/reason"] = decision.Reason,
        ["juoku.dev/eta"] = decision.Eta is { } eta ? Time(eta) : "",
        ["juoku.dev/decided"] = Time(now),
        [ScalingStatus.ConditionsNote] = _status.Text(),
    };

    /// <summary>As Kubernetes writes times.</summary>
    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <summary>One step of a scaling.</summary>
/// <param name="Seen">The Deployment, as it was seen.</param>
/// <param name="Counts">Its workers.</param>
/// <param name="Fleet">What queue and store told.</param>
/// <param name="Decided">What was decided, and done where it differs from what was seen.</param>
public sealed record ScalingStep(WorkerFleet Seen, WorkerCounts Counts, FleetSnapshot Fleet, FleetDecision Decided);
