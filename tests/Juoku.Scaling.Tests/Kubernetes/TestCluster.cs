using Juoku.Scaling.Kubernetes;
using Juoku.Tests.Servers;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>A namespace to test in: of the stand-in, or of the real server that JUOKU_TEST_KUBECONFIG names.</summary>
internal abstract class TestCluster : IAsyncDisposable
{
    public const string Variable = "JUOKU_TEST_KUBECONFIG";

    /// <summary>May do everything.</summary>
    public abstract IKubernetes Admin { get; }

    public abstract string Namespace { get; }

    /// <summary>A client of its own for one of several candidates.</summary>
    public abstract IKubernetes Client(string user, params DelegatingHandler[] handlers);

    public ClusterConnection Connect(string user, TimeProvider? time = null) => new(Client(user), Namespace, time ?? TimeProvider.System);

    /// <summary>The real one where there is one; skips the test where not.</summary>
    public static async Task<TestCluster> RealAsync()
    {
        string? kubeconfig = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(kubeconfig), $"{Variable} names no kubeconfig of a real API server");
        return await RealCluster.StartAsync(kubeconfig!);
    }

    public abstract ValueTask DisposeAsync();

    private sealed class RealCluster(KubernetesClientConfiguration settings, IKubernetes admin, string space) : TestCluster
    {
        public override IKubernetes Admin => admin;

        public override string Namespace => space;

        public override IKubernetes Client(string user, params DelegatingHandler[] handlers) => new k8s.Kubernetes(settings, handlers);

        public static async Task<TestCluster> StartAsync(string kubeconfig)
        {
            KubernetesClientConfiguration settings = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
            var admin = new k8s.Kubernetes(settings);
            string space = $"juoku-test-{Guid.NewGuid():N}"[..24];
            await admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { Name = space } });
            try
            {
                await admin.CoreV1.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new() { Name = "default" } }, space);
            }
            catch (HttpOperationException)
            {
                // A controller manager was faster; where none runs, pods could not be made without it.
            }

            return new RealCluster(settings, admin, space);
        }

        public override async ValueTask DisposeAsync()
        {
            try
            {
                await admin.CoreV1.DeleteNamespaceAsync(space);
            }
            catch (Exception e) when (e is HttpOperationException or System.Text.Json.JsonException)
            {
                // The client cannot read every answer to this; what is left goes with the server that the test runs against.
            }

            admin.Dispose();
        }
    }
}

/// <summary>The stand-in, with what only a stand-in can do.</summary>
internal sealed class StandInCluster(ApiServer server) : TestCluster
{
    public ApiServer Server => server;

    public override IKubernetes Admin { get; } = server.Client("admin");

    public override string Namespace => "default";

    public override IKubernetes Client(string user, params DelegatingHandler[] handlers) => server.Client(user, handlers);

    public static async Task<StandInCluster> StartAsync() => new(await ApiServer.StartAsync());

    public override async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await server.DisposeAsync();
    }
}
