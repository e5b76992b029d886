using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Hosting;
using Juoku.App.Observing;
using Juoku.App.Scaling;
using Juoku.Scaling.Keda;
using Juoku.Scaling.Observing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Commands;

/// <summary><c>juoku keda-scaler</c>: tells KEDA how many workers a queue's runs need.</summary>
internal sealed class KedaScalerCommand : Command, IHasExample
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly Option<int> _port = new("--port") { Description = "Serve gRPC there; 0 for any free port.", HelpName = "port", DefaultValueFactory = _ => 9090 };
    private readonly Option<string> _address = new("--address") { Description = "Address to serve it on: 127.0.0.1, ::1, or :: for all.", HelpName = "address", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "The server's certificate, PEM; with it, TLS is spoken. Renewed files are taken up.", HelpName = "file" };
    private readonly Option<string?> _key = new("--tls-key") { Description = "Its key, PEM.", HelpName = "file" };
    private readonly Option<string?> _clientAuthority = new("--tls-client-ca") { Description = "Take only clients with a certificate of this authority, PEM.", HelpName = "file" };
    private readonly ProbeOptions _probes = new();

    private KedaScalerCommand()
        : base("keda-scaler", "Answer KEDA, over gRPC, how many workers finish a queue's runs by their deadlines. A trigger's metadata (queue, store, run, min, max, podsPerNode …) overrides the settings.")
    {
        Options.Add(SettingOption.Store());
        Options.Add(SettingOption.Queue());
        foreach (Option option in (Option[])[_port, _address, _certificate, _key, _clientAuthority]) Options.Add(option);
        _probes.AddTo(this);
        Validators.Add(command =>
        {
            bool hasCertificate = command.GetResult(_certificate) is not null, hasKey = command.GetResult(_key) is not null;
            if (hasCertificate != hasKey) command.AddError("Give --tls-certificate and --tls-key together.");
            else if (command.GetResult(_clientAuthority) is not null && !hasCertificate) command.AddError("--tls-client-ca needs --tls-certificate and --tls-key.");
        });
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku keda-scaler --queue sqs://parts --store s3://bucket --address ::
        juoku keda-scaler --address :: --tls-certificate tls.crt --tls-key tls.key --metrics-port 9464 --metrics-address ::
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new KedaScalerCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        EffectiveSettings settings = EffectiveSettings.Load(arguments);
        settings.Values.Scaling.Limits();
        TlsFiles? tls = arguments.GetValue(_certificate) is { } certificate ? new TlsFiles(certificate, arguments.GetValue(_key)!, arguments.GetValue(_clientAuthority)) : null;
        var log = new ConsoleLog(Console.Error, isForPeople: !Console.IsErrorRedirected, TimeProvider.System);
        using var meters = new ScalingMeters();
        await using var targets = new KedaTargets(new KedaMetadata(settings).Read, Connections.Adapters, meters, TimeProvider.System, log);
        await using WebApplication web = await KedaHost.StartAsync(EmbeddedWeb.Address(_address.Name, arguments.GetRequiredValue(_address)), arguments.GetValue(_port), tls, targets, log, cancellation);
        await using ProbeEndpoint? probes = await _probes.StartAsync(arguments, [ScalingMeters.MeterName], () => !cancellation.IsCancellationRequested, log, cancellation);
        log.LogInformation("serving KEDA's external scaler on {Endpoint}", web.Urls.First());
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Told to stop: the streams end and the answers under way are given.
        }

        using var patience = new CancellationTokenSource(Farewell);
        await web.StopAsync(patience.Token);
        return ExitCode.Done;
    }
}
