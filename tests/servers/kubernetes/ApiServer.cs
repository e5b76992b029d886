using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Juoku.Tests.Servers;

/// <summary>
/// As much of a Kubernetes API server as the controller talks to, in this process: objects with resource versions and conflicts, the scale
/// of deployments, watches, access rules, and every kind of trouble that a network and a server can make. No controllers run in it: a test
/// that wants pods makes them.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string User, string Verb, string Resource), bool> _denied = new();
    private WebApplication? _app;
    private int _port;

    private ApiServer()
    {
    }

    /// <summary>What it holds; kept when it restarts.</summary>
    public ApiObjects Objects { get; } = new();

    /// <summary>Asked about every request: what goes wrong with it, or null.</summary>
    public Func<ApiRequest, ApiFault?> Faults { get; set; } = _ => null;

    /// <summary>Every request that arrived, in order.</summary>
    public ConcurrentQueue<ApiRequest> Requests { get; } = new();

    public string Url => $"http://127.0.0.1:{_port}";

    public static async Task<ApiServer> StartAsync()
    {
        var server = new ApiServer();
        await server.ListenAsync();
        return server;
    }

    /// <summary>A client that the server knows by a name of its own.</summary>
    public IKubernetes Client(string user, params DelegatingHandler[] handlers) => Client(user, new Uri(Url), handlers);

    /// <summary>The same, by way of something that passes on to the server.</summary>
    public IKubernetes Client(string user, Uri way, params DelegatingHandler[] handlers) =>
        new k8s.Kubernetes(new KubernetesClientConfiguration { Host = way.ToString(), AccessToken = user }, handlers);

    /// <summary>A kubeconfig for <see cref="Client"/>.</summary>
    public string Kubeconfig(string user, string space = "default") => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: stand-in
          cluster:
            server: "{Url}"
        users:
        - name: {user}
          user:
            token: {user}
        contexts:
        - name: stand-in
          context:
            cluster: stand-in
            user: {user}
            namespace: {space}
        current-context: stand-in
        """;

    /// <summary>Takes a right from a user.</summary>
    public void Deny(string user, string verb, string resource) => _denied[(user, verb, resource)] = true;

    /// <summary>Gives it back.</summary>
    public void Allow(string user, string verb, string resource) => _denied.TryRemove((user, verb, resource), out _);

    /// <summary>Goes away, breaking what is under way.</summary>
    public async Task StopAsync()
    {
        if (_app is null) return;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Comes up, at the same address and with everything it held.</summary>
    public async Task ListenAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, _port));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        _port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        ApiRequest request = ApiRequest.Of(context.Request);
        Requests.Enqueue(request);
        JsonNode? body = context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
        ApiFault? fault = Faults(request);
        try
        {
            switch (fault)
            {
                case ApiFault.Drop:
                    context.Abort();
                    return;
                case ApiFault.Delay(var time):
                    await Task.Delay(time);
                    break;
                case ApiFault.Hold(var until):
                    await until;
                    break;
                case ApiFault.Refuse(var code, var seconds):
                    if (seconds is { } wait) context.Response.Headers.RetryAfter = $"{wait}";
                    throw new ApiStatus(code, code == 429 ? "TooManyRequests" : "InternalError", $"the test refuses with {code}");
            }

            if (request.Verb == "patch" && context.Request.ContentType?.Split(';')[0] is not "application/merge-patch+json" and var type)
                throw new ApiStatus(415, "UnsupportedMediaType", $"this server patches by application/merge-patch+json, not by {type}");
            if (IsDenied(request)) throw ApiStatus.Forbidden(request);
            if (request.Verb == "watch")
            {
                await WatchAsync(context, request);
                return;
            }

            (int status, JsonObject answer) = Do(request, body, context.Request.Query);
            if (fault is ApiFault.LoseAnswer) context.Abort();
            else await WriteAsync(context, status, answer);
        }
        catch (ApiStatus status)
        {
            await WriteAsync(context, status.Code, status.Body);
        }
    }

    private bool IsDenied(ApiRequest request) => _denied.ContainsKey((request.User, request.Verb, request.Resource));

    private (int Status, JsonObject Answer) Do(ApiRequest request, JsonNode? body, IQueryCollection query) => request switch
    {
        { Verb: "create", Resource: "selfsubjectaccessreviews" } => (201, Review(request.User, (JsonObject)body!)),
        { Verb: "list" } => (200, ListOf(Objects.List(request.Resource, request.Namespace, query["labelSelector"]))),
        { Subresource: "scale" } => (200, ScaleAt(request, body as JsonObject)),
        { Verb: "get" } => (200, Objects.Get(request.Key)),
        { Verb: "create" } => (201, Objects.Create(request, (JsonObject)body!)),
        { Verb: "update" } => (200, Objects.Replace(request, (JsonObject)body!)),
        { Verb: "patch" } => (200, Objects.Patch(request, (JsonObject)body!)),
        { Verb: "delete" } => (200, Objects.Delete(request, body?["preconditions"]?["resourceVersion"]?.GetValue<string>())),
        _ => throw new ApiStatus(405, "MethodNotAllowed", $"{request.Verb} is not something this server does"),
    };

    /// <summary>The scale of a deployment is a view of it: it has the deployment's version, and only its replicas can be written.</summary>
    private JsonObject ScaleAt(ApiRequest request, JsonObject? body)
    {
        JsonObject deployment = request.Verb == "get"
            ? Objects.Get(request.Key)
            : Objects.Patch(request, new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = (body?["metadata"]?["resourceVersion"] ?? Objects.Get(request.Key)["metadata"]!["resourceVersion"])?.DeepClone() },
                ["spec"] = new JsonObject { ["replicas"] = body?["spec"]?["replicas"]?.DeepClone() },
            });
        JsonObject metadata = deployment["metadata"]!.AsObject();
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject(((string[])["name", "namespace", "uid", "resourceVersion"]).Select(name => KeyValuePair.Create(name, metadata[name]?.DeepClone()))),
            ["spec"] = new JsonObject { ["replicas"] = deployment["spec"]?["replicas"]?.DeepClone() ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = deployment["status"]?["replicas"]?.DeepClone() ?? 0,
                ["selector"] = string.Join(',', (deployment["spec"]?["selector"]?["matchLabels"]?.AsObject() ?? []).Select(label => $"{label.Key}={label.Value}")),
            },
        };
    }

    private JsonObject Review(string user, JsonObject review)
    {
        JsonNode asked = review["spec"]!["resourceAttributes"]!;
        string resource = asked["subresource"] is { } sub ? $"{asked["resource"]}/{sub}" : $"{asked["resource"]}";
        review["status"] = new JsonObject { ["allowed"] = !_denied.ContainsKey((user, $"{asked["verb"]}", resource)) };
        return (JsonObject)review.DeepClone();
    }

    private async Task WatchAsync(HttpContext context, ApiRequest request)
    {
        long version = long.TryParse(context.Request.Query["resourceVersion"], out long given) ? given : 0;
        bool bookmarks = context.Request.Query["allowWatchBookmarks"] == "true";
        context.Response.ContentType = "application/json";
        while (!context.RequestAborted.IsCancellationRequested)
        {
            (var changes, long latest, Task next) = Objects.Since(version, request.Resource, request.Namespace);
            foreach ((_, string type, JsonObject value) in changes) await WriteEventAsync(context, type, value);
            if (bookmarks && latest > version)
                await WriteEventAsync(context, "BOOKMARK", new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = $"{latest}" } });
            version = latest;
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await next.WaitAsync(context.RequestAborted);
        }
    }

    private static Task WriteEventAsync(HttpContext context, string type, JsonObject value) =>
        context.Response.WriteAsync(new JsonObject { ["type"] = type, ["object"] = value }.ToJsonString() + "\n", context.RequestAborted);

    private static JsonObject ListOf((JsonArray Items, long Version) found) => new()
    {
        ["kind"] = "List",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["resourceVersion"] = $"{found.Version}" },
        ["items"] = found.Items,
    };

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }
}
