using System.Globalization;
using Juoku.Scaling.Leadership;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Kubernetes;

/// <summary>The Deployment of the workers: how many there are, and how many are wanted.</summary>
/// <param name="cluster">Where it is.</param>
/// <param name="name">Its name.</param>
public sealed class WorkerDeployment(ClusterConnection cluster, string name)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Looks at the Deployment's scale and then at its pods.</summary>
    /// <exception cref="ClusterException">It is not there, or cannot be read.</exception>
    public async Task<WorkerFleet> LookAsync(CancellationToken cancellation)
    {
        V1Scale scale = await cluster.DoAsync($"read the scale of deployment {name}",
            (client, stop) => client.AppsV1.ReadNamespacedDeploymentScaleAsync(name, cluster.Namespace, cancellationToken: stop), cancellation).ConfigureAwait(false);
        V1PodList pods = await cluster.DoAsync($"list the pods of deployment {name}",
            (client, stop) => client.CoreV1.ListNamespacedPodAsync(cluster.Namespace, labelSelector: scale.Status?.Selector, cancellationToken: stop), cancellation).ConfigureAwait(false);
        return Fleet(scale, pods.Items);
    }

    /// <summary>Asks for a number of workers, on behalf of a term and in place of what was seen.</summary>
    /// <param name="seen">What was seen, before.</param>
    /// <param name="replicas">Wanted workers.</param>
    /// <param name="term">The term that decided.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="TermOverException">The term is over.</exception>
    /// <exception cref="ClusterException">Somebody changed the Deployment since it was seen, or it cannot be changed.</exception>
    public async Task<WorkerFleet> ScaleAsync(WorkerFleet seen, int replicas, LeaderTerm term, CancellationToken cancellation)
    {
        await term.ProveAsync(cancellation).ConfigureAwait(false);
        var patch = new V1Patch(
            new { metadata = new { resourceVersion = seen.Version }, spec = new { replicas } }, V1Patch.PatchType.MergePatch);
        V1Scale scale = await cluster.DoAsync(string.Create(CultureInfo.InvariantCulture, $"scale deployment {name} to {replicas}"),
            (client, stop) => client.AppsV1.PatchNamespacedDeploymentScaleAsync(patch, name, cluster.Namespace, cancellationToken: stop), cancellation).ConfigureAwait(false);
        return seen with { Version = scale.ResourceVersion(), Replicas = scale.Spec.Replicas ?? 0 };
    }

    internal static WorkerFleet Fleet(V1Scale scale, IEnumerable<V1Pod> pods)
    {
        V1Pod[] there = [.. pods.Where(pod => pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Failed" or "Succeeded"))];
        V1Pod[] ready = [.. there.Where(IsReady)];
        int replicas = scale.Spec?.Replicas ?? 0;

        // Who does not mark its pods does so for none: then how many are busy is not known from here.
        bool areMarked = ready.Any(pod => pod.GetAnnotation(PodMark.DeletionCost) is not null);
        return new WorkerFleet
        {
            Version = scale.ResourceVersion(),
            Uid = scale.Uid(),
            Replicas = replicas,
            Ready = ready.Length,
            Pending = Math.Max(there.Length, replicas) - ready.Length,
            Busy = areMarked ? ready.Count(IsBusy) : null,
            Crashing = there.Count(IsCrashing),
        };
    }

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false;

    private static bool IsBusy(V1Pod pod) => int.TryParse(pod.GetAnnotation(PodMark.DeletionCost), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int cost) && cost > 0;

    private static bool IsCrashing(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.Any(status => status.State?.Waiting?.Reason is "CrashLoopBackOff" or "ImagePullBackOff" or "ErrImagePull" or "CreateContainerConfigError") ?? false;
}

/// <summary>The workers, as they were at a version of their Deployment.</summary>
public sealed record WorkerFleet
{
    /// <summary>The Deployment's version: what is decided from this is written on condition of it.</summary>
    public required string Version { get; init; }

    /// <summary>The Deployment's own id.</summary>
    public required string Uid { get; init; }

    /// <summary>Workers that were asked for.</summary>
    public required int Replicas { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int Ready { get; init; }

    /// <summary>Pods that are not ready yet, or not even made.</summary>
    public int Pending { get; init; }

    /// <summary>Ready pods whose worker has marked it as busy; null when workers mark nothing.</summary>
    public int? Busy { get; init; }

    /// <summary>Pods whose container does not start or dies again and again.</summary>
    public int Crashing { get; init; }
}
