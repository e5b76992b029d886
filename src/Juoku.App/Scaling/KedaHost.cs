using System.Net;
using Juoku.App.Hosting;
using Juoku.Batch.Predicting;
using Juoku.Scaling.Keda;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Scaling;

/// <summary>Serves the KEDA scaler over gRPC: HTTP/2, in the clear or with TLS.</summary>
internal static class KedaHost
{
    /// <summary>Begins to serve.</summary>
    /// <param name="address">An address of this machine; <c>::</c> for all, those of IPv4 too.</param>
    /// <param name="port">0 for any free one.</param>
    /// <param name="tls">Certificates; null for none.</param>
    /// <param name="targets">Answer; stay the caller's to dispose of.</param>
    /// <param name="log">Is told what fails.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="UsageException">The port is taken, or the address is not of this machine.</exception>
    public static async Task<WebApplication> StartAsync(IPAddress address, int port, TlsFiles? tls, KedaTargets targets, ILogger log, CancellationToken cancellation)
    {
        const string Option = "--port";
        WebApplicationBuilder builder = EmbeddedWeb.NewBuilder(address, EmbeddedWeb.Port(Option, port), listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (tls is not null) listen.UseHttps(tls.Use);
        }, log);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddKedaScaler(targets);
        WebApplication web = builder.Build();
        web.MapKedaScaler();
        await EmbeddedWeb.StartAsync(web, Option, address, port, cancellation);
        return web;
    }
}
