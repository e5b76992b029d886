using Juoku.Batch.Runs;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Kubernetes;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Tests.Servers;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Control;

/// <summary>On the stand-in, which can take rights away and tell what it was asked.</summary>
public sealed class ControllerTests : ControllerContract
{
    private ApiServer Server => ((StandInCluster)Cluster).Server;

    private protected override async Task<TestCluster> StartAsync() => await StandInCluster.StartAsync();

    [Theory]
    [InlineData("list", "pods", "cannot list the pods of deployment workers in namespace default: pods is forbidden")]
    [InlineData("patch", "deployments/scale", "cannot scale deployment workers to 1 in namespace default: deployments/scale is forbidden")]
    public async Task Run_RightIsTakenAway_SaysSoOnceAndGoesOnLater(string verb, string resource, string line)
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        Server.Deny("a", verb, resource);
        await using RunningController controller = New("a");
        await Eventually.HoldsAsync(() => Server.Requests.Count(request => (request.Verb, request.Resource) == (verb, resource)) > 3, "it tries again");
        Assert.Single(controller.Log.Lines, logged => logged.Contains(line, StringComparison.Ordinal));

        Server.Allow("a", verb, resource);
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it scales");
    }

    [Fact]
    public async Task Run_EventsAreForbidden_ScalesAllTheSame()
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        Server.Deny("a", "create", "events");
        await using RunningController controller = New("a");

        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it scales");

        Assert.Contains(controller.Log.Lines, line => line.StartsWith("an event is missing: cannot put an event", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_WhatItAsksOfTheServer_IsWhatItsRoleGrants()
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        await using (RunningController controller = New("a"))
            await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it scales");

        string[] used = [.. Server.Requests.Where(request => request.User == "a").Select(request => $"{request.Verb} {request.Group} {request.Resource}").Distinct()];
        Assert.NotEmpty(used);
        Assert.Empty(used.Except(ClusterRight.OfController.Select(right => $"{right.Verb} {right.Group} {right.Resource}")));
    }
}

/// <summary>On a real API server, where there is one.</summary>
public sealed class RealControllerTests : ControllerContract
{
    private protected override Task<TestCluster> StartAsync() => TestCluster.RealAsync();

    [Fact]
    public async Task Run_KubernetesMakesThePods_TheyComeAndGo()
    {
        Assert.SkipUnless(await Cluster.SettleAsync("workers"), "no controller manager runs beside this API server");
        var unpaused = new V1Patch(new { spec = new { paused = false } }, V1Patch.PatchType.MergePatch);
        await Cluster.Admin.AppsV1.PatchNamespacedDeploymentAsync(unpaused, "workers", Cluster.Namespace, cancellationToken: Stop);
        RunRecords run = await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        await using RunningController controller = New("a");
        await Eventually.HoldsAsync(async () => await PodsAsync() == 1, "there is a pod");
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen is { Replicas: 1, Pending: 1 }), "it sees the pod");

        await Runs.TakeAsync(2);
        await Runs.FinishAsync(run, 0);
        await Runs.FinishAsync(run, 1);
        await Eventually.HoldsAsync(async () => await PodsAsync() == 0, "there is none");

        Assert.Equal(["ScaledUp", "ScaledDown"], (await EventsAsync()).Where(e => e.Reason.StartsWith("Scaled", StringComparison.Ordinal)).OrderBy(e => e.EventTime).Select(e => e.Reason));
    }

    private async Task<int> PodsAsync() => (await Cluster.Admin.CoreV1.ListNamespacedPodAsync(Cluster.Namespace, cancellationToken: Stop)).Items.Count;
}
