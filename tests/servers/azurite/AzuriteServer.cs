namespace Juoku.Tests.Servers;

/// <summary>Microsoft's own emulator of Azure Storage, in memory, on free ports of the loopback interface.</summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    // The account that every Azurite has, as published in its documentation.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly NodePackage Package = new("azurite");

    private readonly ServerProcess _process;

    private AzuriteServer(ServerProcess process) => _process = process;

    /// <summary>Why it cannot run here; null when it can.</summary>
    public static string? Missing => Package.Missing;

    /// <summary>What a process needs in its environment to reach it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["AZURE_STORAGE_CONNECTION_STRING"] = ConnectionString(Key) };

    /// <summary>A connection string with another key than the account's.</summary>
    public string WrongConnectionString => ConnectionString(Convert.ToBase64String(new byte[64]));

    /// <summary>Starts a server in which nothing is.</summary>
    /// <param name="host">The loopback address to listen on; <c>::1</c> for the other internet protocol.</param>
    public static async Task<AzuriteServer> StartAsync(string host = "127.0.0.1")
    {
        string script = await File.ReadAllTextAsync(Path.Combine(Package.Sources, "serve.mjs"));
        return new AzuriteServer(await ServerProcess.StartAsync(Package.Folder, "node", "--input-type=module", "--eval", script, host));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>The connection string of a server at such URLs.</summary>
    public static string ConnectionStringOf(string blobs, string queues, string key = Key) =>
        $"AccountName={Account};AccountKey={key};BlobEndpoint={blobs}/{Account};QueueEndpoint={queues}/{Account};";

    private string ConnectionString(string key)
    {
        string[] urls = _process.Greeting.Split(' ');
        return ConnectionStringOf(urls[0], urls[1], key);
    }
}

/// <summary>The storage account that the tests of an assembly share.</summary>
public sealed class AzuriteFixture() : ServerFixture<AzuriteServer>(AzuriteServer.Missing, () => AzuriteServer.StartAsync());
