using System.Globalization;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>On the stand-in, which can be gone.</summary>
public sealed class ClusterEventsTests : ClusterEventsContract
{
    private protected override async Task<TestCluster> StartAsync() => await StandInCluster.StartAsync();

    [Fact]
    public async Task Tell_ServerIsGone_LogsAndGoesOn()
    {
        await ((StandInCluster)Cluster).Server.StopAsync();

        await New().TellAsync("uid", new("X", "X", "something happened", IsWarning: true), Stop);

        Assert.Equal("something happened", Log.Lines[0]);
        Assert.StartsWith("an event is missing: cannot put an event in namespace default: no answer of", Log.Lines[1], StringComparison.Ordinal);
    }
}

/// <summary>On a real API server, where there is one: other programs look there by other ways.</summary>
public sealed class RealClusterEventsTests : ClusterEventsContract
{
    private protected override Task<TestCluster> StartAsync() => TestCluster.RealAsync();

    [Fact]
    public async Task Tell_Events_AreThoseOfTheDeploymentToWhoeverLooks()
    {
        await Cluster.CreateDeploymentAsync("workers");
        V1Deployment deployment = await Cluster.Admin.AppsV1.ReadNamespacedDeploymentAsync("workers", Cluster.Namespace, cancellationToken: Stop);
        var events = New();
        await events.TellAsync(deployment.Uid(), new("ScaledUp", "Scale", "0 → 3 workers: 3 for 1,000 rows"), Stop);
        await events.TellAsync(deployment.Uid(), new("DeadlineAtRisk", "Plan", "run a may be late", IsWarning: true), Stop);
        await events.TellAsync(deployment.Uid(), new("DeadlineAtRisk", "Plan", "run a may be late", IsWarning: true), Stop);

        // What describe asks for, of the older of the two APIs.
        string selector = string.Create(CultureInfo.InvariantCulture,
            $"involvedObject.kind=Deployment,involvedObject.name=workers,involvedObject.namespace={Cluster.Namespace},involvedObject.uid={deployment.Uid()}");
        IList<Corev1Event> found = (await Cluster.Admin.CoreV1.ListNamespacedEventAsync(Cluster.Namespace, fieldSelector: selector, cancellationToken: Stop)).Items;
        Assert.Equal(
            [("DeadlineAtRisk", "Warning", "Plan", "run a may be late", 2), ("ScaledUp", "Normal", "Scale", "0 → 3 workers: 3 for 1,000 rows", null)],
            found.OrderBy(e => e.Reason, StringComparer.Ordinal).Select(e => (e.Reason, e.Type, e.Action, e.Message, e.Series?.Count)));
        Assert.All(found, e => Assert.Equal(("juoku.dev/controller", "a"), (e.ReportingComponent, e.ReportingInstance)));

        string described = await Kubectl.RunAsync("describe", "deployment", "workers", "--namespace", Cluster.Namespace);
        Assert.Matches(@"Normal +ScaledUp +\S.* juoku\.dev/controller +0 → 3 workers: 3 for 1,000 rows", described);
        Assert.Matches(@"Warning +DeadlineAtRisk +\S.*\(x2 over .* juoku\.dev/controller +run a may be late", described);
    }
}
