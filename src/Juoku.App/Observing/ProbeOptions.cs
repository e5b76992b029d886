using System.CommandLine;
using Juoku.App.Hosting;
using Juoku.Batch.Predicting;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Observing;

/// <summary><c>--metrics-port</c> and <c>--metrics-address</c> of a command that runs until it is told to stop.</summary>
internal sealed class ProbeOptions
{
    private readonly Option<int?> _port = new("--metrics-port") { Description = "Serve /healthz, /readyz and /metrics there; 0 for any free port.", HelpName = "port" };
    private readonly Option<string> _address = new("--metrics-address") { Description = "Address to serve them on: 127.0.0.1, ::1, or :: for all.", HelpName = "address", DefaultValueFactory = _ => "127.0.0.1" };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_port);
        command.Options.Add(_address);
    }

    /// <summary>Begins to serve; null where no port was asked for.</summary>
    /// <exception cref="UsageException">The port is taken, or the address is none of this machine.</exception>
    public async Task<ProbeEndpoint?> StartAsync(ParseResult arguments, IEnumerable<string> meters, Func<bool> isReady, ILogger log, CancellationToken cancellation) =>
        arguments.GetValue(_port) is { } port
            ? await ProbeEndpoint.StartAsync(EmbeddedWeb.Address(_address.Name, arguments.GetRequiredValue(_address)), port, meters, isReady, log, cancellation)
            : null;
}
