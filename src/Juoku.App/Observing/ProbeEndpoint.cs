using System.Net;
using System.Net.Sockets;
using Juoku.Batch.Predicting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Juoku.App.Observing;

/// <summary>
/// <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> of a command that runs until it is told to stop. It lives as long as the command: signals
/// are the command's business, so that while it drains, it is still healthy and no longer ready.
/// </summary>
internal sealed class ProbeEndpoint : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly MeterProvider _meters;

    private ProbeEndpoint(WebApplication web, MeterProvider meters) => (_web, _meters) = (web, meters);

    /// <summary>Where it is served, such as <c>http://127.0.0.1:9464</c>.</summary>
    public string Url => _web.Urls.First();

    /// <summary>Begins to serve.</summary>
    /// <param name="address">An address of this machine; <c>::</c> for all, those of IPv4 too.</param>
    /// <param name="port">0 for any free one.</param>
    /// <param name="meters">Names of the meters that <c>/metrics</c> shows.</param>
    /// <param name="isReady">Whether the command takes work.</param>
    /// <param name="log">Is told the address.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="UsageException">The port is taken, or the address is not of this machine.</exception>
    public static async Task<ProbeEndpoint> StartAsync(
        IPAddress address, int port, IEnumerable<string> meters, Func<bool> isReady, ILogger log, CancellationToken cancellation)
    {
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort) throw new UsageException($"--metrics-port {port}: ports go from 0 to 65535");
        MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter([.. meters])
            .AddPrometheusExporter(options =>
            {
                // Every scrape sees the present, and the names of design.md without labels about the library.
                options.ScrapeResponseCacheDurationMilliseconds = 0;
                (options.ScopeInfoEnabled, options.TargetInfoEnabled) = (false, false);
            })
            .Build();
        WebApplication web = Build(address, port, provider, isReady);
        try
        {
            await web.StartAsync(cancellation);
        }
        catch (Exception e)
        {
            await web.DisposeAsync();
            provider.Dispose();
            if (e is AddressInUseException or SocketException or IOException)
                throw new UsageException($"--metrics-port {port}: cannot be served on {address} ({(e.InnerException ?? e).Message}); choose another, or 0 for any");
            throw;
        }

        var endpoint = new ProbeEndpoint(web, provider);
        log.LogInformation("serving /healthz, /readyz and /metrics on {Endpoint}", endpoint.Url);
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _meters.Dispose();
    }

    private static WebApplication Build(IPAddress address, int port, MeterProvider meters, Func<bool> isReady)
    {
        // Empty: no files, variables or logs of the framework's own.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (address.Equals(IPAddress.IPv6Any)) kestrel.ListenAnyIP(port, Plain);
            else kestrel.Listen(address, port, Plain);
        });
        WebApplication web = builder.Build();
        web.UseOpenTelemetryPrometheusScrapingEndpoint(meters, context => HttpMethods.IsGet(context.Request.Method) && context.Request.Path == "/metrics", path: null, configureBranchedPipeline: null, optionsName: null);
        web.Run(context => AnswerAsync(context, isReady));
        return web;
    }

    private static void Plain(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;

    private static Task AnswerAsync(HttpContext context, Func<bool> isReady)
    {
        bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        (int status, string body) = (isRead, context.Request.Path.Value) switch
        {
            (false, _) => (StatusCodes.Status405MethodNotAllowed, "only GET\n"),
            (_, "/healthz") => (StatusCodes.Status200OK, "ok\n"),
            (_, "/readyz") => isReady() ? (StatusCodes.Status200OK, "ready\n") : (StatusCodes.Status503ServiceUnavailable, "not ready\n"),
            _ => (StatusCodes.Status404NotFound, "there are /healthz, /readyz and /metrics\n"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    /// <summary>Leaves signals alone; the host's own would end the endpoint while the command still drains.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
