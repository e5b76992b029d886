using System.Net;
using System.Net.Sockets;
using Juoku.Batch.Predicting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Hosting;

/// <summary>
/// A web server within a command: Kestrel and nothing else of the framework's, no files or variables of its own; its errors go to the command's
/// log. It lives as long as the command wants: signals are the command's business.
/// </summary>
internal static class EmbeddedWeb
{
    /// <summary>A builder that listens on one address.</summary>
    /// <param name="address">An address of this machine; <c>::</c> for all, those of IPv4 too.</param>
    /// <param name="port">0 for any free one.</param>
    /// <param name="listen">What is spoken there.</param>
    /// <param name="log">Is told what fails in it.</param>
    public static WebApplicationBuilder NewBuilder(IPAddress address, int port, Action<ListenOptions> listen, ILogger log)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        // Of what answers requests; a start that fails is told by the one who starts.
        builder.Logging.SetMinimumLevel(LogLevel.None).AddFilter("Microsoft.AspNetCore", LogLevel.Error).AddFilter("Grpc", LogLevel.Error).AddProvider(new Forwarding(log));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (address.Equals(IPAddress.IPv6Any)) kestrel.ListenAnyIP(port, listen);
            else kestrel.Listen(address, port, listen);
        });
        return builder;
    }

    /// <summary>Begins to serve; a host that cannot is disposed of.</summary>
    /// <param name="web">The host.</param>
    /// <param name="option">The option that named the port, for messages.</param>
    /// <param name="address">Its address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="UsageException">The port is taken, or the address is not of this machine.</exception>
    public static async Task StartAsync(WebApplication web, string option, IPAddress address, int port, CancellationToken cancellation)
    {
        try
        {
            await web.StartAsync(cancellation);
        }
        catch (Exception e)
        {
            await web.DisposeAsync();
            if (e is AddressInUseException or SocketException or IOException)
                throw new UsageException($"{option} {port}: cannot be served on {address} ({(e.InnerException ?? e).Message}); choose another, or 0 for any");
            throw;
        }
    }

    /// <summary>Refuses numbers that are no ports.</summary>
    public static int Port(string option, int port) =>
        port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort ? port : throw new UsageException($"{option} {port}: ports go from 0 to 65535");

    /// <summary>Reads an address; IPv6 with brackets or without.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static IPAddress Address(string option, string text) =>
        IPAddress.TryParse(text.Trim('[', ']'), out IPAddress? address) ? address : throw new UsageException($"{option} {text}: write an address, such as 127.0.0.1, ::1 or ::");

    private sealed class Forwarding(ILogger log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }

    /// <summary>Leaves signals alone; the host's own would end the server while the command still drains.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
