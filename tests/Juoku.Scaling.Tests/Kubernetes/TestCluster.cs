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
    public IKubernetes Client(string user, params DelegatingHandler[] handlers) => Client(user, wire: null, handlers);

    /// <summary>The same, by way of a wire to the server.</summary>
    public abstract IKubernetes Client(string user, Wire? wire, params DelegatingHandler[] handlers);

    public ClusterConnection Connect(string user, TimeProvider? time = null) => new(Client(user), Namespace, time ?? TimeProvider.System);

    public ClusterConnection Connect(string user, Wire? wire, params DelegatingHandler[] handlers) => new(Client(user, wire, handlers), Namespace, TimeProvider.System);

    /// <summary>Lays a wire to the server.</summary>
    public Wire NewWire() => new(Admin.BaseUri);

    /// <summary>Makes a Deployment that asks for no pods, and waits until whatever runs beside the server has taken note of it.</summary>
    public async Task CreateDeploymentAsync(string name)
    {
        await Bed.CreateDeploymentAsync(Admin, Namespace, name, 0, CancellationToken.None);
        await SettleAsync(name);
    }

    /// <summary>The real one where there is one; skips the test where not.</summary>
    public static async Task<TestCluster> RealAsync()
    {
        string? kubeconfig = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(kubeconfig), $"{Variable} names no kubeconfig of a real API server");
        return await RealCluster.StartAsync(kubeconfig!);
    }

    /// <summary>Waits until nobody but the test changes a Deployment; false where nobody else does anyway.</summary>
    public abstract Task<bool> SettleAsync(string deployment);

    public abstract ValueTask DisposeAsync();

    private sealed class RealCluster(string kubeconfig, IKubernetes admin, string space) : TestCluster
    {
        private static volatile bool _isAlone;

        public override IKubernetes Admin => admin;

        public override string Namespace => space;

        public override IKubernetes Client(string user, Wire? wire, params DelegatingHandler[] handlers)
        {
            KubernetesClientConfiguration settings = Settings(kubeconfig);
            if (wire is null) return new k8s.Kubernetes(settings, handlers);
            settings.TlsServerName ??= new Uri(settings.Host).Host; // the certificate is the server's, not the wire's
            settings.Host = wire.Url.ToString();
            return new k8s.Kubernetes(settings, handlers);
        }

        public static async Task<TestCluster> StartAsync(string kubeconfig)
        {
            var admin = new k8s.Kubernetes(Settings(kubeconfig));
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

            return new RealCluster(kubeconfig, admin, space);
        }

        /// <summary>A Deployment's controller writes its status after every change of it; where none runs, that is found out once.</summary>
        public override async Task<bool> SettleAsync(string deployment)
        {
            for (int i = 0; i < 100 && !_isAlone; i++)
            {
                V1Deployment seen = await admin.AppsV1.ReadNamespacedDeploymentAsync(deployment, space);
                if (seen.Status?.ObservedGeneration == seen.Metadata.Generation) return true;
                await Task.Delay(50);
            }

            _isAlone = true;
            return false;
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

        /// <summary>As the product connects: see <see cref="ClusterConnection.Open"/>.</summary>
        private static KubernetesClientConfiguration Settings(string kubeconfig)
        {
            KubernetesClientConfiguration settings = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
            settings.DisableHttp2 = true;
            return settings;
        }
    }
}

/// <summary>The stand-in, with what only a stand-in can do.</summary>
internal sealed class StandInCluster(ApiServer server) : TestCluster
{
    public ApiServer Server => server;

    public override IKubernetes Admin { get; } = server.Client("admin");

    public override string Namespace => "default";

    public override IKubernetes Client(string user, Wire? wire, params DelegatingHandler[] handlers) => server.Client(user, wire?.Url ?? new Uri(server.Url), handlers);

    public override Task<bool> SettleAsync(string deployment) => Task.FromResult(false);

    public static async Task<StandInCluster> StartAsync() => new(await ApiServer.StartAsync());

    public override async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await server.DisposeAsync();
    }
}
