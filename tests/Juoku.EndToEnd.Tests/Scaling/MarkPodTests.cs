using System.Collections.Concurrent;
using System.Net;
using Juoku.App.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Juoku.EndToEnd.Tests.Scaling;

public sealed class MarkPodTests
{
    [Fact]
    public async Task Worker_MarkPod_PatchesItsPodWhenItTurnsBusyAndWorksOnWhateverTheAnswer()
    {
        await using var bed = new KedaBed();
        await bed.SubmitAsync(parts: 3);
        var requests = new ConcurrentQueue<string>();
        await using WebApplication api = EmbeddedWeb.NewBuilder(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1).Build();
        api.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            requests.Enqueue($"{context.Request.Method} {context.Request.Path} {await reader.ReadToEndAsync(context.RequestAborted)}");
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("""{"kind":"Status","message":"pods \"worker-1\" is forbidden"}""");
        });
        await EmbeddedWeb.StartAsync(api, "--port", IPAddress.Loopback, 0, TestContext.Current.CancellationToken);
        string kubeconfig = bed.Folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            clusters: [{ name: c, cluster: { server: "{{api.Urls.First()}}" } }]
            users: [{ name: u, user: { token: t } }]
            contexts: [{ name: x, context: { cluster: c, user: u } }]
            current-context: x
            """);

        JuokuResult worker = JuokuProcess.RunWith(
            new() { ["KUBECONFIG"] = kubeconfig, ["POD_NAME"] = "worker-1", ["POD_NAMESPACE"] = "click", ["JUOKU_CACHE"] = bed.Folder["cache"] },
            "worker", "--store", bed.Store, "--queue", bed.Queue(), "--stop-when-idle", "2s", "--mark-pod");

        Assert.True(worker.ExitCode == 0, worker.Error);
        Assert.StartsWith("PATCH /api/v1/namespaces/click/pods/worker-1 {\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"100\"", requests.First());
        Assert.Single(worker.Error.Split('\n'), line => line.Contains("cannot mark pod worker-1 as busy in namespace click", StringComparison.Ordinal));
        Assert.Contains("published", worker.Error, StringComparison.Ordinal);
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
