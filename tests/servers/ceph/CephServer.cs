
namespace Juoku.Tests.Servers;

/// <summary>A Ceph cluster of one node with an S3 gateway, on free ports of the loopback interfaces.</summary>
public sealed class CephServer : IAsyncDisposable
{
    private const int Attempts = 3;

    private readonly ServerProcess _process;
    private readonly string _folder;
    private readonly int _port;

    private CephServer(ServerProcess process, string folder, int port) => (_process, _folder, _port) = (process, folder, port);

    /// <summary>The access key.</summary>
    public const string AccessKey = "juokutest";

    /// <summary>The secret key.</summary>
    public const string SecretKey = "juokutestsecret";

    /// <summary>Why it cannot run here; null when it can.</summary>
    public static string? Missing => File.Exists("/usr/bin/radosgw") ? null : "Ceph is not installed: run tests/servers/install as root, which needs apt";

    /// <summary>Such as <c>http://127.0.0.1:41234</c>.</summary>
    public string Endpoint => $"http://127.0.0.1:{_port}";

    /// <summary>The same gateway, by the other internet protocol.</summary>
    public string Endpoint6 => $"http://[::1]:{_port}";

    /// <summary>What a process needs in its environment to reach it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL_S3"] = Endpoint,
        ["AWS_REGION"] = "us-east-1",
        ["AWS_ACCESS_KEY_ID"] = AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
        ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required",
        ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required",
    };

    /// <summary>Starts an empty cluster, which keeps its data in memory.</summary>
    public static async Task<CephServer> StartAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            string folder = Directory.CreateTempSubdirectory("juoku-ceph-").FullName;
            int port = ServerProcess.FreePort(), monitor = ServerProcess.FreePort();
            try
            {
                return new CephServer(await ServerProcess.StartAsync(folder, Script(), folder, $"{port}", $"{monitor}"), folder, port);
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                Directory.Delete(folder, recursive: true); // somebody else took one of the ports meanwhile
            }
        }
    }

    /// <summary>Kills the gateway and starts it again after a while. What it served lies elsewhere and is all there again.</summary>
    public async Task RestartGatewayAsync(TimeSpan pause, CancellationToken cancellation)
    {
        string seconds = pause.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
        if (await _process.AskAsync(seconds, cancellation) is null) throw new InvalidOperationException("Ceph's gateway did not come back.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Script() => ServerFolder.PathOf("ceph/serve");
}

/// <summary>The cluster that the tests of an assembly share.</summary>
public sealed class CephFixture() : ServerFixture<CephServer>(CephServer.Missing, CephServer.StartAsync);
