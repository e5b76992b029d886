using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>
/// Makes what the controller looks at, and so that nobody else touches it where more than an API server runs: a paused Deployment gets no
/// pods, and pods of a scheduler that is not there get no node.
/// </summary>
internal static class Bed
{
    private const string Nobody = "nobody";

    public static readonly Dictionary<string, string> Labels = new() { ["app.kubernetes.io/name"] = "juoku", ["app.kubernetes.io/component"] = "worker" };

    public static Task CreateDeploymentAsync(IKubernetes client, string space, string name, int replicas, CancellationToken cancellation) =>
        client.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new() { Name = name },
                Spec = new()
                {
                    Replicas = replicas,
                    Paused = true,
                    Selector = new() { MatchLabels = Labels },
                    Template = new() { Metadata = new() { Labels = Labels }, Spec = PodSpec() },
                },
            },
            space, cancellationToken: cancellation);

    public static async Task CreatePodAsync(IKubernetes client, string space, string name, bool isReady, CancellationToken cancellation, string? deletionCost = null)
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = name, Labels = Labels, Annotations = deletionCost is null ? null : new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = deletionCost } },
            Spec = PodSpec(),
        };
        await client.CoreV1.CreateNamespacedPodAsync(pod, space, cancellationToken: cancellation);
        if (!isReady) return;

        // A kubelet's work; a real server takes a pod's status only on its own path.
        var status = new V1Patch(new { status = new { phase = "Running", conditions = new[] { new { type = "Ready", status = "True" } } } }, V1Patch.PatchType.MergePatch);
        await client.CoreV1.PatchNamespacedPodStatusAsync(status, name, space, cancellationToken: cancellation);
    }

    private static V1PodSpec PodSpec() => new() { SchedulerName = Nobody, Containers = [new() { Name = "worker", Image = "juoku" }] };
}
