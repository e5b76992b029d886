namespace Juoku.Tests.Servers;

/// <summary>A queue service that speaks SQS and keeps its messages in memory, on a free port of the loopback interface.</summary>
public sealed class FauxqsServer : IAsyncDisposable
{
    private static readonly NodePackage Package = new("fauxqs");

    private readonly ServerProcess _process;

    private FauxqsServer(ServerProcess process) => _process = process;

    /// <summary>Why it cannot run here; null when it can.</summary>
    public static string? Missing => Package.Missing;

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Such as <c>http://127.0.0.1:41234</c>.</summary>
    public string Endpoint => _process.Greeting;

    /// <summary>What a process needs in its environment to reach it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL_SQS"] = Endpoint,
        ["AWS_REGION"] = "us-east-1",
        ["AWS_ACCESS_KEY_ID"] = "juokutest",
        ["AWS_SECRET_ACCESS_KEY"] = "juokutestsecret",
    };

    /// <summary>Starts a server with no queues.</summary>
    /// <param name="host">The loopback address to listen on; <c>::1</c> for the other internet protocol.</param>
    public static async Task<FauxqsServer> StartAsync(string host = "127.0.0.1")
    {
        string script = await File.ReadAllTextAsync(Path.Combine(Package.Sources, "serve.mjs"));
        return new FauxqsServer(await ServerProcess.StartAsync(Package.Folder, "node", "--input-type=module", "--eval", script, host));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>The queue service that the tests of an assembly share.</summary>
public sealed class FauxqsFixture() : ServerFixture<FauxqsServer>(FauxqsServer.Missing, () => FauxqsServer.StartAsync());
