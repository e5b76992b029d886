using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Juoku.Tests.Servers;

/// <summary>
/// A server in a process of its own. It says that it is ready by its first line of output, and ends when its standard input does, which is
/// at the latest when this process dies, however that comes about.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private ServerProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors) _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>The line that it became ready with.</summary>
    public string Greeting { get; private set; } = "";

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>Writes a line to its input and waits for the line that it answers.</summary>
    public async Task<string?> AskAsync(string line, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
        return await _process.StandardOutput.ReadLineAsync(cancellation);
    }

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new ServerProcess(Process.Start(start)!);
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            server.Greeting = await server._process.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException($"{program} ended before it was ready: {server.Errors}");
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            if (e is not OperationCanceledException) throw;
            throw new TimeoutException($"{program} was not ready after {Patience.TotalSeconds} s: {server.Errors}", e);
        }
    }

    /// <summary>A port of the loopback interface that is free now. Another may take it before a server does: try again then.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    private string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString().Trim();
        }
    }
}
