using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>A way to a server, byte for byte, on which a test lets the network fail. TLS goes through it as it is.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private volatile WireState _state;
    private volatile TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Wire(Uri server)
    {
        _server = server;
        _letGo.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The server's address, by way of the wire.</summary>
    public Uri Url => new UriBuilder(_server) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

    /// <summary>What passes from now on.</summary>
    public WireState State
    {
        get => _state;
        set
        {
            bool loses = _state == WireState.Deaf || value == WireState.Cut;
            _state = value;
            if (loses) BreakAll();
            if (value != WireState.Held) _letGo.TrySetResult();
            else if (_letGo.Task.IsCompleted) _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        BreakAll();
        await _accepting;
        _stop.Dispose();
    }

    private void BreakAll()
    {
        foreach (Connection connection in _connections.Keys) connection.Break();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true) served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = new Connection(client, new TcpClient(), CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
        _connections[connection] = true;
        try
        {
            if (_state == WireState.Cut) return;
            await connection.Server.ConnectAsync(_server.Host, _server.Port, connection.Broken);
            Task[] directions = [SendAsync(connection), AnswerAsync(connection)];
            await Task.WhenAny(directions);
            connection.Break();
            await Task.WhenAll(directions);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException)
        {
            // One side has gone, or the wire is cut: so does the other.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Passes on what the client sends. What is held arrives later, whether the client is still there or not: it is on its way.</summary>
    private async Task SendAsync(Connection connection)
    {
        var sent = Channel.CreateUnbounded<byte[]>();
        bool wasHeld = false;
        Task delivering = DeliverAsync();
        try
        {
            var buffer = new byte[1 << 16];
            while (await connection.Client.GetStream().ReadAsync(buffer, connection.Broken) is > 0 and int read) sent.Writer.TryWrite(buffer[..read]);
        }
        catch (IOException)
        {
            // The client has gone without a farewell.
        }

        sent.Writer.Complete();
        await delivering;
        if (wasHeld) await Task.Delay(Timeout.InfiniteTimeSpan, connection.Broken); // nobody tells the server that the client has gone

        async Task DeliverAsync()
        {
            await foreach (byte[] piece in sent.Reader.ReadAllAsync(connection.Broken))
            {
                if (_state == WireState.Held) wasHeld = true;
                await _letGo.Task.WaitAsync(connection.Broken);
                await connection.Server.GetStream().WriteAsync(piece, connection.Broken);
            }
        }
    }

    private async Task AnswerAsync(Connection connection)
    {
        var buffer = new byte[1 << 16];
        bool isClientThere = true;
        while (await connection.Server.GetStream().ReadAsync(buffer, connection.Broken) is > 0 and int read)
        {
            if (_state == WireState.Deaf || !isClientThere) continue;
            try
            {
                await connection.Client.GetStream().WriteAsync(buffer.AsMemory(0, read), connection.Broken);
            }
            catch (IOException)
            {
                isClientThere = false;
            }
        }
    }

    /// <summary>Both ends of a connection; they break together.</summary>
    private sealed class Connection(TcpClient client, TcpClient server, CancellationTokenSource broken) : IDisposable
    {
        public TcpClient Client => client;

        public TcpClient Server => server;

        public CancellationToken Broken { get; } = broken.Token;

        public void Break() => broken.Cancel();

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }
    }
}

/// <summary>What passes on a <see cref="Wire"/>.</summary>
public enum WireState
{
    /// <summary>Everything.</summary>
    Whole,

    /// <summary>Nothing: connections break, those that are there and new ones.</summary>
    Cut,

    /// <summary>What is sent arrives; answers do not, and when that ends, connections break.</summary>
    Deaf,

    /// <summary>What is sent waits on the wire, and arrives when that ends, though who sent it may have gone.</summary>
    Held,
}
