using System.Collections.Immutable;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Control;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Scaling.Tests.Observing;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>Accounts with the chart's Roles and no other right, on a real API server.</summary>
public sealed class RealRightsTests : IAsyncLifetime
{
    private const string Workers = "juoku-worker";
    private const string Lease = "juoku-controller";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.RealAsync();
        await _cluster.CreateDeploymentAsync(Workers);
        await ChartAccount.Controller.CreateAsync(_cluster);
        await ChartAccount.Worker.CreateAsync(_cluster);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Missing_AccountWithoutRole_AreAll()
    {
        using ClusterConnection cluster = As(ChartAccount.Controller);

        ImmutableArray<ClusterRight> missing = await MissingAsync(cluster, ClusterRight.OfController);

        Assert.SkipWhen(missing.Length == 0, "this API server lets everybody do everything");
        Assert.Equal(ClusterRight.OfController, missing);
    }

    [Fact]
    public async Task Run_AccountWithTheChartsRole_ScalesAndTells()
    {
        using ClusterConnection account = await GrantedAsync(ChartAccount.Controller, ClusterRight.OfController);
        await using var runs = new FleetBed();
        RunningController controller;
        await runs.SubmitAsync("dt-2026-11-25-a", parts: 2);

        await using (controller = new RunningController(_cluster, runs, "a", As(ChartAccount.Controller), Workers, Lease))
            await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it scales");

        Assert.DoesNotContain(controller.Log.Lines, line => line.Contains("forbidden", StringComparison.Ordinal));
        Assert.Contains(controller.Log.Lines, line => line.StartsWith("handed over", StringComparison.Ordinal));
        Assert.Contains((await _cluster.Admin.EventsV1.ListNamespacedEventAsync(_cluster.Namespace, cancellationToken: Stop)).Items, e => e.Reason == "ScaledUp");
    }

    [Fact]
    public async Task Missing_ChartsRoleOfTheController_IsWhateverElseThereIs()
    {
        using ClusterConnection account = await GrantedAsync(ChartAccount.Controller, ClusterRight.OfController);
        ClusterRight[] others =
        [
            new("get", "apps", "deployments"), new("patch", "apps", "deployments"), new("update", "apps", "deployments"), new("update", "apps", "deployments/scale"),
            new("patch", "apps", "statefulsets/scale"), new("get", "", "pods"), new("patch", "", "pods"), new("delete", "", "pods"), new("create", "", "pods"), new("create", "", "pods/exec"),
            new("get", "", "secrets"), new("list", "", "secrets"), new("get", "", "configmaps"), new("create", "", "events"), new("list", "events.k8s.io", "events"),
            new("list", "coordination.k8s.io", "leases"), new("delete", "coordination.k8s.io", "leases"), new("create", "", "serviceaccounts/token"),
        ];

        ImmutableArray<ClusterRight> missing = await MissingAsync(account, others);
        Assert.SkipWhen(missing.Length == 0, "this API server lets everybody do everything");
        Assert.Equal(others, missing);
        Assert.Equal(
            ["get deployments/scale", "patch deployments/scale", "get leases", "update leases"],
            (await ClusterRight.MissingAsync(account, ClusterRight.OfController, "another", "another", Stop)).Select(right => $"{right}"));
        var image = new V1Patch(new { spec = new { template = new { spec = new { containers = new[] { new { name = "worker", image = "mine" } } } } } }, V1Patch.PatchType.StrategicMergePatch);
        ClusterException refused = await Assert.ThrowsAsync<ClusterException>(() => account.DoAsync("change the image",
            (client, stop) => client.AppsV1.PatchNamespacedDeploymentAsync(image, Workers, _cluster.Namespace, cancellationToken: stop), Stop));
        Assert.Equal(ClusterFault.Forbidden, refused.Fault);
    }

    [Fact]
    public async Task Mark_AccountWithTheChartsRoleOfWorkers_MarksItsPod()
    {
        using ClusterConnection account = await GrantedAsync(ChartAccount.Worker, [new("patch", "", "pods")]);
        await Bed.CreatePodAsync(_cluster.Admin, _cluster.Namespace, "pod-1", isReady: true, Stop);
        var log = new CollectedLog();
        bool isBusy = true;

        await using var mark = new PodMark(account, "pod-1", () => isBusy, TimeSpan.FromMilliseconds(50), TimeProvider.System, log);
        await MarkedAsync("100 true false");
        isBusy = false;
        mark.Changed();
        await MarkedAsync("0 - true");

        Assert.Empty(log.Lines);
        ClusterRight[] others = [new("get", "", "pods"), new("list", "", "pods"), new("delete", "", "pods"), new("patch", "", "pods/status"), new("patch", "apps", "deployments/scale"), new("get", "", "secrets")];
        Assert.Equal(others, await MissingAsync(account, others));
    }

    private static Task<ImmutableArray<ClusterRight>> MissingAsync(ClusterConnection account, IEnumerable<ClusterRight> rights) => ClusterRight.MissingAsync(account, rights, Workers, Lease, Stop);

    private ClusterConnection As(ChartAccount account) => new(account.Client(_cluster), _cluster.Namespace, TimeProvider.System);

    /// <summary>Gives the account its Role, and waits until the authoriser has heard of it.</summary>
    private async Task<ClusterConnection> GrantedAsync(ChartAccount account, IReadOnlyCollection<ClusterRight> rights)
    {
        await account.GrantAsync(_cluster);
        ClusterConnection connection = As(account);
        await Eventually.HoldsAsync(async () => (await MissingAsync(connection, rights)).IsEmpty, $"{account.Name} has its rights");
        return connection;
    }

    private Task MarkedAsync(string wanted) => Eventually.HoldsAsync(async () =>
    {
        V1Pod pod = await _cluster.Admin.CoreV1.ReadNamespacedPodAsync("pod-1", _cluster.Namespace, cancellationToken: Stop);
        return string.Join(' ', new[] { PodMark.DeletionCost, PodMark.DoNotDisrupt, PodMark.SafeToEvict }.Select(name => pod.GetAnnotation(name) ?? "-")) == wanted;
    }, wanted);
}
