using System.Net;
using System.Net.Sockets;
using System.Text;
using Juoku.Batch.Predicting;
using Juoku.Batch.Runs.Workers;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Observing;

/// <summary>
/// <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> of a worker, over a plain socket: three small answers to a prober and a scraper, each
/// on a connection of its own. Ready is a worker that has reached its queue and was not told to stop.
/// </summary>
internal sealed class WorkerEndpoint : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener;
    private readonly Func<bool> _isReady;
    private readonly PrometheusText _metrics = new(WorkerMeters.MeterName);
    private readonly CancellationTokenSource _stop = new();

    private WorkerEndpoint(TcpListener listener, Func<bool> isReady) => (_listener, _isReady) = (listener, isReady);

    /// <summary>Begins to serve.</summary>
    /// <exception cref="UsageException">The port is taken, or the address is not of this machine.</exception>
    public static WorkerEndpoint Start(IPAddress address, int port, Func<bool> isReady, ILogger log)
    {
        if (port is < 0 or > 65535) throw new UsageException($"--metrics-port {port}: ports go from 0 to 65535");
        var listener = new TcpListener(address, port);
        if (address.Equals(IPAddress.IPv6Any)) listener.Server.DualMode = true;
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new UsageException($"--metrics-port {port}: cannot be served on {address} ({e.Message}); choose another, or 0 for any");
        }

        var endpoint = new WorkerEndpoint(listener, isReady);
        log.LogInformation("serving /healthz, /readyz and /metrics on http://{Endpoint}", listener.LocalEndpoint);
        _ = endpoint.ServeAsync(log);
        return endpoint;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _metrics.Dispose();
    }

    private async Task ServeAsync(ILogger log)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = AnswerAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                log.LogWarning("cannot accept a connection: {Error}", e.Message);
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using TcpClient open = client;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await using NetworkStream stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            string request = await reader.ReadLineAsync(patience.Token) ?? "";
            while (await reader.ReadLineAsync(patience.Token) is { Length: > 0 })
            {
            }

            (string status, string body) = Answer(request.Split(' '));
            byte[] content = Encoding.UTF8.GetBytes(body);
            string head = $"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), patience.Token);
            await stream.WriteAsync(content, patience.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // A prober that hung up, or never spoke: nobody is left to tell.
        }
    }

    private (string Status, string Body) Answer(string[] request) => request switch
    {
        ["GET", "/healthz", ..] => ("200 OK", "ok\n"),
        ["GET", "/readyz", ..] => _isReady() ? ("200 OK", "ready\n") : ("503 Service Unavailable", "not ready\n"),
        ["GET", "/metrics", ..] => ("200 OK", _metrics.Write()),
        ["GET", ..] => ("404 Not Found", "there are /healthz, /readyz and /metrics\n"),
        _ => ("405 Method Not Allowed", "only GET\n"),
    };
}
