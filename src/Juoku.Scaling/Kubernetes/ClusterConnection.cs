using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;

namespace Juoku.Scaling.Kubernetes;

/// <summary>A namespace of a cluster, and the account that acts in it. Every failure of a request is a <see cref="ClusterException"/>.</summary>
public sealed class ClusterConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IKubernetes _client;
    private readonly TimeProvider _time;

    /// <summary>Over a client that is there; disposes of it in the end.</summary>
    /// <param name="client">The client.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="time">Clock.</param>
    public ClusterConnection(IKubernetes client, string space, TimeProvider time) => (_client, Namespace, _time) = (client, space, time);

    /// <summary>The namespace.</summary>
    public string Namespace { get; }

    /// <summary>Address of the API server.</summary>
    public Uri Server => _client.BaseUri;

    /// <summary>Connects by a kubeconfig, by the pod's service account, or by the user's own kubeconfig: the first there is.</summary>
    /// <param name="kubeconfig">Path of a kubeconfig; null for the other two.</param>
    /// <param name="space">The namespace; null for the one that the configuration names.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ClusterException">None of them is there, or what is there cannot be used.</exception>
    public static ClusterConnection Open(string? kubeconfig, string? space, TimeProvider time)
    {
        KubernetesClientConfiguration settings;
        string what = kubeconfig ?? "the pod's service account";
        try
        {
            if (kubeconfig is null && KubernetesClientConfiguration.IsInCluster())
            {
                settings = KubernetesClientConfiguration.InClusterConfig();
            }
            else
            {
                what = kubeconfig ?? Environment.GetEnvironmentVariable("KUBECONFIG")?.Split(Path.PathSeparator)[0] ?? KubernetesClientConfiguration.KubeConfigDefaultLocation;
                if (!File.Exists(what)) throw new ClusterException(ClusterFault.Settings, $"there is no kubeconfig {what}, and this is no pod; name one by --kubeconfig");
                settings = KubernetesClientConfiguration.BuildConfigFromConfigFile(what);
            }

            // A request that had no answer in time closes its connection, and the next one opens another; over HTTP/2 all would share the dead one for minutes.
            settings.DisableHttp2 = true;
            return new ClusterConnection(new k8s.Kubernetes(settings), space ?? (string.IsNullOrEmpty(settings.Namespace) ? "default" : settings.Namespace), time);
        }
        catch (Exception e) when (e is not ClusterException)
        {
            // The client throws whatever its YAML, certificate and path readers throw.
            throw new ClusterException(ClusterFault.Settings, $"{what} cannot be used to connect to Kubernetes: {OneLine(e.Message)}", e);
        }
    }

    /// <summary>Does a request that has the usual ten seconds.</summary>
    public Task<T> DoAsync<T>(string what, Func<IKubernetes, CancellationToken, Task<T>> request, CancellationToken cancellation) => DoAsync(what, Patience, request, cancellation);

    /// <summary>Does a request.</summary>
    /// <param name="what">What it does, for messages: <c>read the lease juoku</c>.</param>
    /// <param name="longest">How long to wait for the answer.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Stops waiting for the answer.</param>
    /// <exception cref="ClusterException">It failed, or had no answer in time.</exception>
    public async Task<T> DoAsync<T>(string what, TimeSpan longest, Func<IKubernetes, CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(longest, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await request(_client, stop.Token).ConfigureAwait(false);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e)
        {
            throw Explained(what, e, patience.IsCancellationRequested ? longest : null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private ClusterException Explained(string what, Exception e, TimeSpan? waited)
    {
        string doing = $"cannot {what} in namespace {Namespace}";
        if (e is not HttpOperationException { Response: { } response })
        {
            // Whatever the transport, a proxy's page or a token file made it throw: there was no answer of Kubernetes.
            string why = waited is { } time ? $"nothing came within {time.TotalSeconds:0.#} s" : OneLine((e.InnerException ?? e).Message);
            return new ClusterException(ClusterFault.Unreachable, $"{doing}: no answer of {Server}: {why}", e);
        }

        string said = Said(response.Content) ?? $"HTTP {(int)response.StatusCode}";
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new(ClusterFault.NotFound, $"{doing}: {said}", e),
            HttpStatusCode.Conflict => new(ClusterFault.Conflict, $"{doing}: {said}", e),
            HttpStatusCode.Unauthorized => new(ClusterFault.Forbidden, $"{doing}: {Server} does not know this account (token or certificate expired?): {said}", e),
            HttpStatusCode.Forbidden => new(ClusterFault.Forbidden, $"{doing}: {said}; grant it in a Role", e),
            var code => new(ClusterFault.Refused, $"{doing}: {Server} answers {(int)code}: {said}", e) { RetryAfter = PauseOf(response) },
        };
    }

    private static TimeSpan PauseOf(HttpResponseMessageWrapper response)
    {
        string? seconds = response.Headers.FirstOrDefault(header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();
        return int.TryParse(seconds, out int n) && n > 0 ? TimeSpan.FromSeconds(n) : TimeSpan.Zero;
    }

    /// <summary>The message in Kubernetes' own answer; null where it is not one.</summary>
    private static string? Said(string? content)
    {
        if (string.IsNullOrEmpty(content)) return null;
        try
        {
            using JsonDocument answer = JsonDocument.Parse(content);
            return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("message", out JsonElement message) ? OneLine(message.GetString()!) : null;
        }
        catch (JsonException)
        {
            return null; // a proxy's page: its status code says more than its HTML
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
