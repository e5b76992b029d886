using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Juoku.Aws.Tests;

/// <summary>A way to a server on which answers get lost: some are cut off after a number of bytes, though the server has done what it was asked.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _server;
    private readonly Task _accepting;

    public LossyProxy(string server)
    {
        _server = new Uri(server);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Endpoint => $"http://{_listener.LocalEndpoint}";

    /// <summary>After how many bytes to cut off the next successful answers, one after the other.</summary>
    public ConcurrentQueue<int> Cuts { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
                await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream(), _stop.Token), AnswerAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone; so does the other.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream client)
    {
        var buffer = new byte[1 << 16];
        int left = int.MaxValue;
        while (await server.ReadAsync(buffer, _stop.Token) is > 0 and int read)
        {
            if (buffer.AsSpan(0, read).StartsWith("HTTP/1.1 2"u8)) left = Cuts.TryDequeue(out int cut) ? cut : int.MaxValue;
            await client.WriteAsync(buffer.AsMemory(0, Math.Min(read, left)), _stop.Token);
            if (left <= read) return;
            if (left != int.MaxValue) left -= read;
        }
    }
}
