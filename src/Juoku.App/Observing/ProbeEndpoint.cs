using System.Net;
using Juoku.App.Hosting;
using Juoku.Batch.Predicting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Juoku.App.Observing;

/// <summary>
/// <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> of a command that runs until it is told to stop. It lives as long as the command, so that
/// while that drains, it is still healthy and no longer ready.
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
    /// <param name="log">Is told the address, and what fails.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="UsageException">The port is taken, or the address is not of this machine.</exception>
    public static async Task<ProbeEndpoint> StartAsync(
        IPAddress address, int port, IEnumerable<string> meters, Func<bool> isReady, ILogger log, CancellationToken cancellation)
    {
        const string Option = "--metrics-port";
        WebApplication web = EmbeddedWeb.NewBuilder(address, EmbeddedWeb.Port(Option, port), listen => listen.Protocols = HttpProtocols.Http1, log).Build();
        MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter([.. meters])
            .AddPrometheusExporter(options =>
            {
                // Every scrape sees the present, and the names of design.md without labels about the library.
                options.ScrapeResponseCacheDurationMilliseconds = 0;
                (options.ScopeInfoEnabled, options.TargetInfoEnabled) = (false, false);
            })
            .Build();
        var endpoint = new ProbeEndpoint(web, provider);
        web.UseOpenTelemetryPrometheusScrapingEndpoint(provider, IsScrape, path: null, configureBranchedPipeline: null, optionsName: null);
        web.Run(context => AnswerAsync(context, isReady));
        try
        {
            await EmbeddedWeb.StartAsync(web, Option, address, port, cancellation);
        }
        catch
        {
            await endpoint.DisposeAsync();
            throw;
        }

        log.LogInformation("serving /healthz, /readyz and /metrics on {Endpoint}", endpoint.Url);
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _meters.Dispose();
    }

    private static bool IsScrape(HttpContext context) => HttpMethods.IsGet(context.Request.Method) && context.Request.Path == "/metrics";

    private static Task AnswerAsync(HttpContext context, Func<bool> isReady)
    {
        bool isHead = HttpMethods.IsHead(context.Request.Method);
        (int status, string body) = (isHead || HttpMethods.IsGet(context.Request.Method), context.Request.Path.Value) switch
        {
            (false, _) => (StatusCodes.Status405MethodNotAllowed, "only GET\n"),
            (_, "/healthz") => (StatusCodes.Status200OK, "ok\n"),
            (_, "/readyz") => isReady() ? (StatusCodes.Status200OK, "ready\n") : (StatusCodes.Status503ServiceUnavailable, "not ready\n"),
            _ => (StatusCodes.Status404NotFound, "there are /healthz, /readyz and /metrics\n"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return isHead ? Task.CompletedTask : context.Response.WriteAsync(body);
    }
}
