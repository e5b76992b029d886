using Juoku.Batch.Stores;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Leadership;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Control;

/// <summary>
/// One of several controllers: stands for election and, while it leads, scales the workers and keeps the runs, each at its own pace. Scaling is
/// fenced (see <see cref="LeaderElection"/>); what is done to runs is safe to be done by two, as workers do it, too.
/// </summary>
/// <param name="election">The election.</param>
/// <param name="scaling">Scales.</param>
/// <param name="keeping">Keeps the runs.</param>
/// <param name="events">Tell people.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Gets the troubles.</param>
public sealed class Controller(LeaderElection election, WorkerScaling scaling, RunKeeping keeping, ClusterEvents events, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(30);

    /// <summary>Is told when this one begins to act and when it may no longer; at first that it stands by.</summary>
    public Action<bool> LeadingChanged { get; init; } = _ => { };

    /// <summary>Runs until told to stop, then hands over.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        LeadingChanged(false);
        return election.RunAsync(LeadAsync, stop);
    }

    private async Task LeadAsync(LeaderTerm term, CancellationToken stop)
    {
        LeadingChanged(true);
        using CancellationTokenRegistration ended = stop.Register(() => LeadingChanged(false));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            Task[] work = [scaling.RunAsync(term, end.Token), KeepAsync(end.Token)];
            await Task.WhenAny(work).ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false); // one that failed takes the other along: the next term begins both
            await Task.WhenAll(work).ConfigureAwait(false);
        }
        finally
        {
            LeadingChanged(false); // again, for a last step may have told of itself since
        }
    }

    private async Task KeepAsync(CancellationToken stop)
    {
        string? trouble = null;
        while (true)
        {
            try
            {
                foreach (RunNews news in await keeping.KeepAsync(stop).ConfigureAwait(false)) await events.TellAsync(scaling.DeploymentUid, EventOf(news), stop).ConfigureAwait(false);
                trouble = null;
            }
            catch (StoreException e)
            {
                if (trouble != e.Message) log.LogError("runs wait: {Error}", trouble = e.Message);
            }

            await Task.Delay(KeepEvery, time, stop).ConfigureAwait(false);
        }
    }

    private static ClusterEvent EventOf(RunNews news) => news.Kind switch
    {
        RunNewsKind.Started => new("RunStarted", "Start", news.Text),
        RunNewsKind.NotStarted => new("RunNotStarted", "Start", news.Text, IsWarning: true),
        RunNewsKind.Finished => new("RunFinished", "Finish", news.Text),
        RunNewsKind.Overdue => new("RunOverdue", "Mark", news.Text, IsWarning: true),
        _ => throw new ArgumentOutOfRangeException(nameof(news), news.Kind, "no such news"),
    };
}
