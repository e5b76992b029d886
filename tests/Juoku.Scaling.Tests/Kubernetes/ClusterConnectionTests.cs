using Juoku.Scaling.Kubernetes;
using Juoku.Tests.Servers;
using k8s;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>Each way in which a cluster cannot be had ends in one line that says what to do.</summary>
public sealed class ClusterConnectionTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("juoku-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_NoSuchFile_SaysSo()
    {
        string file = Path.Combine(_folder, "nothing");

        ClusterException e = Assert.Throws<ClusterException>(() => ClusterConnection.Open(file, null, TimeProvider.System));

        Assert.Equal((ClusterFault.Settings, $"there is no kubeconfig {file}, and this is no pod; name one by --kubeconfig"), (e.Fault, e.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a: [b")]
    [InlineData("apiVersion: v1\nkind: Config\n")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: []\nclusters: []\nusers: []\n")]
    public void Open_NotAKubeconfig_SaysWhichFile(string text)
    {
        string file = Path.Combine(_folder, "config");
        File.WriteAllText(file, text);

        ClusterException e = Assert.Throws<ClusterException>(() => ClusterConnection.Open(file, null, TimeProvider.System));

        Assert.Equal(ClusterFault.Settings, e.Fault);
        Assert.StartsWith($"{file} cannot be used to connect to Kubernetes: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Open_Kubeconfig_NamesTheNamespace()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        string file = Path.Combine(_folder, "config");
        await File.WriteAllTextAsync(file, server.Kubeconfig("alice", "ads"), Stop);

        using ClusterConnection own = ClusterConnection.Open(file, null, TimeProvider.System);
        using ClusterConnection given = ClusterConnection.Open(file, "other", TimeProvider.System);

        Assert.Equal(("ads", "other"), (own.Namespace, given.Namespace));
    }

    [Fact]
    public async Task Do_NobodyListens_IsUnreachable()
    {
        ApiServer server = await ApiServer.StartAsync();
        using var cluster = new ClusterConnection(server.Client("alice"), "ads", TimeProvider.System);
        await server.DisposeAsync();

        ClusterException e = await Assert.ThrowsAsync<ClusterException>(() => new WorkerDeployment(cluster, "workers").LookAsync(Stop));

        Assert.Equal(ClusterFault.Unreachable, e.Fault);
        Assert.StartsWith($"cannot read the scale of deployment workers in namespace ads: no answer of {server.Url}/: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, ClusterFault.NotFound)]
    [InlineData(403, ClusterFault.Forbidden)]
    [InlineData(401, ClusterFault.Forbidden)]
    [InlineData(409, ClusterFault.Conflict)]
    [InlineData(429, ClusterFault.Refused)]
    [InlineData(500, ClusterFault.Refused)]
    public async Task Do_Refusals_AreTold(int code, ClusterFault fault)
    {
        await using ApiServer server = await ApiServer.StartAsync();
        server.Faults = _ => new ApiFault.Refuse(code, 7);
        using var cluster = new ClusterConnection(server.Client("alice"), "ads", TimeProvider.System);

        ClusterException e = await Assert.ThrowsAsync<ClusterException>(() => new WorkerDeployment(cluster, "workers").LookAsync(Stop));

        Assert.Equal(fault, e.Fault);
        Assert.Contains($"the test refuses with {code}", e.Message, StringComparison.Ordinal);
        Assert.Equal(fault == ClusterFault.Refused ? TimeSpan.FromSeconds(7) : TimeSpan.Zero, e.RetryAfter);
    }

    [Fact]
    public async Task Do_NoAnswerInTime_IsUnreachable()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        var never = new TaskCompletionSource();
        server.Faults = _ => new ApiFault.Hold(never.Task);
        using var cluster = new ClusterConnection(server.Client("alice"), "ads", TimeProvider.System);

        ClusterException e = await Assert.ThrowsAsync<ClusterException>(() =>
            cluster.DoAsync("list pods", TimeSpan.FromMilliseconds(100), (client, stop) => client.CoreV1.ListNamespacedPodAsync("ads", cancellationToken: stop), Stop));

        Assert.Equal((ClusterFault.Unreachable, $"cannot list pods in namespace ads: no answer of {server.Url}/: nothing came within 0.1 s"), (e.Fault, e.Message));
        never.SetResult();
    }

    [Fact]
    public async Task Missing_Rights_AreNamed()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        server.Deny("alice", "patch", "deployments/scale");
        server.Deny("alice", "list", "pods");
        using var cluster = new ClusterConnection(server.Client("alice"), "ads", TimeProvider.System);

        var missing = await ClusterRight.MissingAsync(cluster, ClusterRight.OfController, "workers", "workers-controller", Stop);

        Assert.Equal(["patch deployments/scale", "list pods"], missing.Select(right => $"{right}"));
    }
}
