using System.Net;
using Juoku.Tests.Servers;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>What the stand-in must do as the real server does, for the other tests to mean something.</summary>
public sealed class ApiServerTests : IAsyncLifetime
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private ApiServer _server = null!;
    private IKubernetes _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync();
        _client = _server.Client("alice");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Replace_OldVersion_Conflicts()
    {
        V1Lease first = await _client.CoordinationV1.CreateNamespacedLeaseAsync(Lease("a"), "default", cancellationToken: Stop);
        first.Spec.HolderIdentity = "b";
        await _client.CoordinationV1.ReplaceNamespacedLeaseAsync(first, "x", "default", cancellationToken: Stop);
        first.Spec.HolderIdentity = "c";

        Assert.Equal(HttpStatusCode.Conflict, await Code(() => _client.CoordinationV1.ReplaceNamespacedLeaseAsync(first, "x", "default", cancellationToken: Stop)));
        Assert.Equal("b", (await _client.CoordinationV1.ReadNamespacedLeaseAsync("x", "default", cancellationToken: Stop)).Spec.HolderIdentity);
    }

    [Fact]
    public async Task Replace_LeaseWithoutVersion_Refused()
    {
        V1Lease first = await _client.CoordinationV1.CreateNamespacedLeaseAsync(Lease("a"), "default", cancellationToken: Stop);
        first.Metadata.ResourceVersion = null;

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Code(() => _client.CoordinationV1.ReplaceNamespacedLeaseAsync(first, "x", "default", cancellationToken: Stop)));
    }

    [Fact]
    public async Task Create_Twice_Conflicts()
    {
        await _client.CoordinationV1.CreateNamespacedLeaseAsync(Lease("a"), "default", cancellationToken: Stop);

        Assert.Equal(HttpStatusCode.Conflict, await Code(() => _client.CoordinationV1.CreateNamespacedLeaseAsync(Lease("b"), "default", cancellationToken: Stop)));
    }

    [Fact]
    public async Task PatchScale_OldVersion_ConflictsAndChangesNothing()
    {
        await Bed.CreateDeploymentAsync(_client, "default", "workers", 0, Stop);
        V1Scale scale = await _client.AppsV1.ReadNamespacedDeploymentScaleAsync("workers", "default", cancellationToken: Stop);
        V1Patch Patch(int replicas) => new($$$"""{"metadata":{"resourceVersion":"{{{scale.Metadata.ResourceVersion}}}"},"spec":{"replicas":{{{replicas}}}}}""", V1Patch.PatchType.MergePatch);
        await _client.AppsV1.PatchNamespacedDeploymentScaleAsync(Patch(3), "workers", "default", cancellationToken: Stop);

        Assert.Equal(HttpStatusCode.Conflict, await Code(() => _client.AppsV1.PatchNamespacedDeploymentScaleAsync(Patch(5), "workers", "default", cancellationToken: Stop)));
        Assert.Equal(3, (await _client.AppsV1.ReadNamespacedDeploymentAsync("workers", "default", cancellationToken: Stop)).Spec.Replicas);
    }

    [Fact]
    public async Task Request_DeniedVerb_Forbidden()
    {
        _server.Deny("alice", "get", "leases");

        Assert.Equal(HttpStatusCode.Forbidden, await Code(() => _client.CoordinationV1.ReadNamespacedLeaseAsync("x", "default", cancellationToken: Stop)));
    }

    [Fact]
    public async Task LoseAnswer_Write_IsApplied()
    {
        _server.Faults = request => request.Verb == "create" ? new ApiFault.LoseAnswer() : null;

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.CoordinationV1.CreateNamespacedLeaseAsync(Lease("a"), "default", cancellationToken: Stop));
        Assert.Equal("a", (await _client.CoordinationV1.ReadNamespacedLeaseAsync("x", "default", cancellationToken: Stop)).Spec.HolderIdentity);
    }

    [Fact]
    public async Task Restart_Objects_AreKept()
    {
        await _client.CoordinationV1.CreateNamespacedLeaseAsync(Lease("a"), "default", cancellationToken: Stop);
        await _server.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.CoordinationV1.ReadNamespacedLeaseAsync("x", "default", cancellationToken: Stop));
        await _server.ListenAsync();

        Assert.Equal("a", (await _client.CoordinationV1.ReadNamespacedLeaseAsync("x", "default", cancellationToken: Stop)).Spec.HolderIdentity);
    }

    [Fact]
    public async Task Watch_Changes_ArriveInOrderAndBookmarksFollow()
    {
        var pods = await _client.CoreV1.ListNamespacedPodAsync("default", cancellationToken: Stop);
        await Bed.CreatePodAsync(_client, "default", "p1", isReady: false, Stop);
        using var http = new HttpClient();
        using Stream stream = await http.GetStreamAsync($"{_server.Url}/api/v1/namespaces/default/pods?watch=true&allowWatchBookmarks=true&resourceVersion={pods.ResourceVersion()}", Stop);
        using var lines = new StreamReader(stream);

        Assert.Contains("\"ADDED\"", await lines.ReadLineAsync(Stop), StringComparison.Ordinal);
        Assert.Contains("\"BOOKMARK\"", await lines.ReadLineAsync(Stop), StringComparison.Ordinal);
        _server.Objects.Touch(new("pods", "default", "p1"), pod => pod["metadata"]!["labels"]!["more"] = "yes");
        Assert.Contains("\"MODIFIED\"", await lines.ReadLineAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_CompactedVersion_Gone()
    {
        await Bed.CreatePodAsync(_client, "default", "p1", isReady: false, Stop);
        _server.Objects.Compact();
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"{_server.Url}/api/v1/namespaces/default/pods?watch=true&resourceVersion=1"), Stop);

        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
    }

    private static V1Lease Lease(string holder) => new() { Metadata = new() { Name = "x" }, Spec = new() { HolderIdentity = holder, LeaseDurationSeconds = 15 } };

    private static async Task<HttpStatusCode> Code(Func<Task> action) => (await Assert.ThrowsAsync<HttpOperationException>(action)).Response.StatusCode;
}
