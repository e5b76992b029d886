using System.Collections.Immutable;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Control;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Scaling.Tests.Observing;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>An account with the chart's Role and no other right, on a real API server.</summary>
public sealed class RealRightsTests : IAsyncLifetime
{
    private const string Account = "controller";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.RealAsync();
        await Bed.CreateDeploymentAsync(_cluster.Admin, _cluster.Namespace, "workers", 0, Stop);
        await _cluster.Admin.CoreV1.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new() { Name = Account } }, _cluster.Namespace, cancellationToken: Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Missing_AccountWithoutRole_AreAll()
    {
        using ClusterConnection cluster = AsAccount();

        ImmutableArray<ClusterRight> missing = await MissingAsync(cluster);

        Assert.SkipWhen(missing.Length == 0, "this API server lets everybody do everything");
        Assert.Equal(ClusterRight.OfController, missing);
    }

    [Fact]
    public async Task Run_AccountWithTheChartsRole_ScalesAndTells()
    {
        await GrantAsync();
        await using var runs = new FleetBed();
        using ClusterConnection asked = AsAccount();
        for (int i = 0; (await MissingAsync(asked)).Length > 0 && i < 50; i++) await Task.Delay(100, Stop); // the authoriser hears of a Role a little later
        Assert.Empty(await MissingAsync(asked));
        await runs.SubmitAsync("dt-2026-11-25-a", parts: 2);

        await using var controller = new RunningController(_cluster, runs, "a", connection: AsAccount());
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it scales");

        Assert.DoesNotContain(controller.Log.Lines, line => line.Contains("forbidden", StringComparison.Ordinal));
        Assert.Contains((await _cluster.Admin.EventsV1.ListNamespacedEventAsync(_cluster.Namespace, cancellationToken: Stop)).Items, e => e.Reason == "ScaledUp");
    }

    private static Task<ImmutableArray<ClusterRight>> MissingAsync(ClusterConnection cluster) => ClusterRight.MissingAsync(cluster, ClusterRight.OfController, "workers", "juoku", Stop);

    private ClusterConnection AsAccount() => new(_cluster.Client(Account, new Impersonation($"system:serviceaccount:{_cluster.Namespace}:{Account}")), _cluster.Namespace, TimeProvider.System);

    /// <summary>The Role of deploy/helm/juoku/templates/controller.yaml, names included; a test of the chart holds the two lists together.</summary>
    private async Task GrantAsync()
    {
        var role = new V1Role
        {
            Metadata = new() { Name = Account },
            Rules = [.. ClusterRight.OfController.Select(right => new V1PolicyRule
            {
                ApiGroups = [right.Group],
                Resources = [right.Resource],
                Verbs = [right.Verb],
                ResourceNames = right switch { { Verb: "create" } => null, { Resource: "deployments/scale" } => ["workers"], { Resource: "leases" } => ["juoku"], _ => null },
            })],
        };
        var binding = new V1RoleBinding
        {
            Metadata = new() { Name = Account },
            RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = Account },
            Subjects = [new() { Kind = "ServiceAccount", Name = Account, NamespaceProperty = _cluster.Namespace }],
        };
        await _cluster.Admin.RbacAuthorizationV1.CreateNamespacedRoleAsync(role, _cluster.Namespace, cancellationToken: Stop);
        await _cluster.Admin.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(binding, _cluster.Namespace, cancellationToken: Stop);
    }

    private sealed class Impersonation(string user) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Impersonate-User", user);
            request.Headers.Add("Impersonate-Group", ["system:serviceaccounts", "system:authenticated"]);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
