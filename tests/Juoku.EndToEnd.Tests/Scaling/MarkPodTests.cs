using System.Text.Json.Nodes;
using Juoku.Tests.Servers;
using k8s;
using k8s.Models;

namespace Juoku.EndToEnd.Tests.Scaling;

public sealed class MarkPodTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Worker_MarkPod_MarksItsPodAsBusyAndWorksOnWhereItMayNot(bool isAllowed)
    {
        await using var bed = new KedaBed();
        await bed.SubmitAsync(parts: 3);
        await using ApiServer api = await ApiServer.StartAsync();
        using IKubernetes admin = api.Client("admin");
        await admin.CoreV1.CreateNamespacedPodAsync(new V1Pod { Metadata = new() { Name = "worker-1" } }, "click", cancellationToken: TestContext.Current.CancellationToken);
        if (!isAllowed) api.Deny("worker", "patch", "pods");

        JuokuResult worker = JuokuProcess.RunWith(
            new() { ["KUBECONFIG"] = bed.Folder.Write("kubeconfig", api.Kubeconfig("worker")), ["POD_NAME"] = "worker-1", ["POD_NAMESPACE"] = "click", ["JUOKU_CACHE"] = bed.Folder["cache"] },
            "worker", "--store", bed.Store, "--queue", bed.Queue(), "--stop-when-idle", "2s", "--mark-pod");

        Assert.True(worker.ExitCode == 0, worker.Error);
        Assert.Contains("published", worker.Error, StringComparison.Ordinal);
        JsonNode? cost = api.Objects.Get(new ResourceKey("pods", "click", "worker-1"))["metadata"]!["annotations"]?["controller.kubernetes.io/pod-deletion-cost"];
        Assert.Equal(isAllowed ? "100" : null, cost?.GetValue<string>());
        Assert.Equal(isAllowed ? 0 : 1, worker.Error.Split('\n').Count(line => line.Contains("cannot mark pod worker-1 as busy in namespace click", StringComparison.Ordinal)));
    }

    [Fact]
    public void Worker_MarkPodOutsideAPod_SaysWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);

        JuokuResult worker = JuokuProcess.RunWith(new() { ["POD_NAMESPACE"] = "" }, "worker", "--store", folder["data"], "--queue", $"sqlite:{folder["queue.db"]}", "--mark-pod");

        Assert.Equal(2, worker.ExitCode);
        Assert.Contains("--mark-pod: POD_NAMESPACE is not set", worker.Error, StringComparison.Ordinal);
    }
}
