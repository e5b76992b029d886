using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Juoku.Tests.Servers;
using Microsoft.Win32.SafeHandles;

namespace Juoku.Deploy.Tests.Network;

/// <summary>
/// A network of its own without IPv4: a loopback interface with the address <c>::1</c> and nothing else, and a file of host names in which
/// <see cref="HostName"/> stands for that. Every port is free in it. It is gone with the process that holds it, at the latest when this one dies.
/// </summary>
internal sealed partial class NetworkNamespace : IAsyncDisposable
{
    /// <summary>A name for <c>::1</c>.</summary>
    public const string HostName = "localhost";

    private const int Network = 0x40000000; // CLONE_NEWNET
    private const string Make = """
        ip link set lo up && ip -4 addr flush dev lo && mount --bind "$1" /etc/hosts && echo ready && exec cat >/dev/null
        """;

    private readonly ServerProcess _holder;
    private readonly string _folder;

    private NetworkNamespace(ServerProcess holder, string folder) => (_holder, _folder) = (holder, folder);

    /// <summary>Makes one; skips the test, with the reason, where that is not permitted.</summary>
    public static async Task<NetworkNamespace> MakeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a network namespace is made as root only");
        string folder = Directory.CreateTempSubdirectory("juoku-network-").FullName;
        string hosts = Path.Combine(folder, "hosts");
        await File.WriteAllTextAsync(hosts, $"::1 {HostName}\n");
        try
        {
            return new NetworkNamespace(await ServerProcess.StartAsync(folder, "unshare", "--net", "--mount", "bash", "-c", Make, "network", hosts), folder);
        }
        catch (InvalidOperationException e)
        {
            Assert.Skip($"a network namespace cannot be made here: {e.Message}");
            throw;
        }
    }

    /// <summary>Starts a server in it, which says by a line that it is ready.</summary>
    public Task<ServerProcess> ServeAsync(string folder, string program, params string[] arguments) => ServerProcess.StartAsync(folder, "nsenter", [.. Enter(folder), program, .. arguments]);

    /// <summary>What to start to run a program in it.</summary>
    public ProcessStartInfo Inside(string folder, string program, params string[] arguments) => new("nsenter", [.. Enter(folder), program, .. arguments])
    {
        WorkingDirectory = folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>An HTTP client of this process whose connections are made in the namespace, to <c>::1</c> whatever the host's name.</summary>
    public HttpClient OpenHttp() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            Socket socket = OpenSocket();
            try
            {
                await socket.ConnectAsync(IPAddress.IPv6Loopback, context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string[] Enter(string folder) => ["--target", $"{_holder.Id}", "--net", "--mount", $"--wd={folder}", "--"];

    /// <summary>A socket belongs to the namespace of the thread that made it, for all its life: a thread enters, makes it, and ends.</summary>
    private Socket OpenSocket()
    {
        Socket? socket = null;
        int error = 0;
        var thread = new Thread(() =>
        {
            using SafeFileHandle entrance = File.OpenHandle($"/proc/{_holder.Id}/ns/net");
            if (SetNamespace(entrance, Network) != 0) error = Marshal.GetLastPInvokeError();
            else socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new InvalidOperationException($"The network namespace cannot be entered: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle entrance, int type);
}
