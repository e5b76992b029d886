using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Kubernetes;

/// <summary>
/// Says on a worker's own pod whether it is busy, so that of all pods an idle one goes first: when the Deployment shrinks (pod deletion cost), when Karpenter
/// tidies nodes up (<c>do-not-disrupt</c>) and when the cluster autoscaler does (<c>safe-to-evict</c>).
/// </summary>
/// <remarks>
/// Work never waits for it. A change is noticed at once and written by a task of its own, the latest state only: busy at once, idle when it has lasted, since a
/// mark too long costs an idle moment and one too short a part. What the API refuses is logged once and tried again, ever more slowly.
/// </remarks>
public sealed class PodMark : IAsyncDisposable
{
    /// <summary>The annotation by which a Deployment that shrinks chooses: the cheapest pods go first.</summary>
    public const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>Keeps Karpenter from taking the pod's node away.</summary>
    public const string DoNotDisrupt = "karpenter.sh/do-not-disrupt";

    /// <summary>Keeps the cluster autoscaler from taking the pod's node away; explicit when idle, since scratch space in the pod would keep it too.</summary>
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    private const string BusyCost = "100";
    private const string IdleCost = "0";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ClusterConnection _cluster;
    private readonly string _pod;
    private readonly Func<bool> _isBusy;
    private readonly TimeSpan _settle;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _marking;

    /// <summary>Begins; the first mark also replaces what a worker that crashed in the same pod has left.</summary>
    /// <param name="cluster">The pod's namespace; stays the caller's to dispose of.</param>
    /// <param name="pod">The pod's name.</param>
    /// <param name="isBusy">Whether the worker holds a part now.</param>
    /// <param name="settle">How long it must be idle to be marked so.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Is told when marking fails, and when it works again.</param>
    public PodMark(ClusterConnection cluster, string pod, Func<bool> isBusy, TimeSpan settle, TimeProvider time, ILogger log)
    {
        (_cluster, _pod, _isBusy, _settle, _time, _log) = (cluster, pod, isBusy, settle, time, log);
        Changed();
        _marking = Task.Run(MarkAsync);
    }

    /// <summary>The worker has turned busy or idle, or both in turn. Returns at once.</summary>
    public void Changed() => _changes.Writer.TryWrite(true);

    /// <summary>Ends without a last mark: a pod that stops is chosen already.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _marking.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task MarkAsync()
    {
        bool? marked = null;
        TimeSpan pause = FirstPause;
        try
        {
            while (await _changes.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                _changes.Reader.TryRead(out _);
                if (_isBusy() is false && marked is not false && await HasChangedWithinAsync(_settle).ConfigureAwait(false)) continue;
                bool isBusy = _isBusy();
                if (isBusy == marked) continue;
                try
                {
                    await PatchAsync(isBusy).ConfigureAwait(false);
                    if (pause > FirstPause) _log.LogInformation("pod {Pod} can be marked again", _pod);
                    (marked, pause) = (isBusy, FirstPause);
                }
                catch (ClusterException e)
                {
                    if (pause == FirstPause) _log.LogWarning("{Error}; the work goes on, but Kubernetes may stop this pod while it is busy{Help}", e.Message, Help(e.Fault));
                    marked = null; // a write without an answer may have been done
                    await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(false); // whatever changes meanwhile
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    Changed();
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The worker ends.
        }
    }

    /// <summary>Waits; true when something changed meanwhile, which is then still to be read.</summary>
    private async Task<bool> HasChangedWithinAsync(TimeSpan time)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task<bool> change = _changes.Reader.WaitToReadAsync(over.Token).AsTask();
        Task ended = await Task.WhenAny(change, Task.Delay(time, _time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
        return ended == change;
    }

    private Task<V1Pod> PatchAsync(bool isBusy)
    {
        var annotations = new JsonObject
        {
            [DeletionCost] = isBusy ? BusyCost : IdleCost,
            [DoNotDisrupt] = isBusy ? "true" : null, // null takes it away
            [SafeToEvict] = isBusy ? "false" : "true",
        };
        var patch = new V1Patch(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } }.ToJsonString(), V1Patch.PatchType.MergePatch);
        return _cluster.DoAsync($"mark pod {_pod} as {(isBusy ? "busy" : "idle")}",
            (client, stop) => client.CoreV1.PatchNamespacedPodAsync(patch, _pod, _cluster.Namespace, cancellationToken: stop), _stop.Token);
    }

    private string Help(ClusterFault fault) => fault switch
    {
        ClusterFault.Forbidden => $": let the pod's service account 'patch' 'pods' in namespace {_cluster.Namespace}, or leave --mark-pod out",
        ClusterFault.NotFound => ": POD_NAME and POD_NAMESPACE must name the worker's own pod",
        _ => "",
    };
}
