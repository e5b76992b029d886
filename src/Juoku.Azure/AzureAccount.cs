using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Juoku.Azure;

/// <summary>
/// The storage account, as the environment names it: <c>AZURE_STORAGE_CONNECTION_STRING</c>, or else <c>AZURE_STORAGE_SERVICE_ENDPOINT</c>
/// or <c>AZURE_STORAGE_ACCOUNT</c> with what <see cref="DefaultAzureCredential"/> finds (workload identity, managed identity, a login).
/// </summary>
/// <param name="ConnectionString">Holds endpoints and a key; null when credentials come from the machine or the user.</param>
/// <param name="Endpoint">Endpoint of one of the two services; null with a connection string.</param>
internal sealed record AzureAccount(string? ConnectionString, Uri? Endpoint)
{
    /// <summary>What to do when there is no account.</summary>
    public const string Unnamed = "no storage account is named; set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT and sign in";

    private const string OnlyNames = "Azure's SDK reaches no host by its IPv6 address; give it a name, such as localhost";

    /// <summary>The account that the environment names; null when it names none.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="FormatException">The endpoint is no URL, or an address of IPv6, which the SDK takes apart at its first colon.</exception>
    public static AzureAccount? Find(Func<string, string?> variable)
    {
        if (variable("AZURE_STORAGE_CONNECTION_STRING") is { Length: > 0 } connection)
            return HasIpv6Address(connection) ? throw new FormatException(OnlyNames) : new AzureAccount(connection, null);
        if (variable("AZURE_STORAGE_SERVICE_ENDPOINT") is { Length: > 0 } endpoint)
        {
            if (HasIpv6Address(endpoint)) throw new FormatException(OnlyNames);
            return Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri)
                ? new AzureAccount(null, uri)
                : throw new FormatException("AZURE_STORAGE_SERVICE_ENDPOINT is no URL; write it as https://account.blob.core.windows.net");
        }

        return variable("AZURE_STORAGE_ACCOUNT") is { Length: > 0 } account ? new AzureAccount(null, new Uri($"https://{account}.blob.core.windows.net")) : null;
    }

    private static bool HasIpv6Address(string text) => text.Contains("://[", StringComparison.Ordinal);

    /// <summary>A client for a container.</summary>
    public BlobContainerClient OpenContainer(string name)
    {
        var options = new BlobClientOptions();
        Prepare(options.Retry);
        BlobServiceClient service = ConnectionString is null
            ? new BlobServiceClient(EndpointOf("blob"), new DefaultAzureCredential(), options)
            : new BlobServiceClient(ConnectionString, options);
        return service.GetBlobContainerClient(name);
    }

    /// <summary>A client for queues. Messages are sent as they are, not in Base64: text of up to 64 KiB.</summary>
    public QueueServiceClient OpenQueues()
    {
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None };
        Prepare(options.Retry);
        return ConnectionString is null
            ? new QueueServiceClient(EndpointOf("queue"), new DefaultAzureCredential(), options)
            : new QueueServiceClient(ConnectionString, options);
    }

    /// <summary>The endpoint of a service. The account's endpoints differ in one word of their host names.</summary>
    internal Uri EndpointOf(string service)
    {
        string[] host = Endpoint!.Host.Split('.');
        if (host.Length < 3 || host[1] is not ("blob" or "queue")) return Endpoint;
        host[1] = service;
        return new UriBuilder(Endpoint) { Host = string.Join('.', host) }.Uri;
    }

    /// <summary>Five attempts with growing pauses, to which the SDK adds jitter: about 8 s in all when nothing answers.</summary>
    private static void Prepare(RetryOptions retry)
    {
        retry.Mode = RetryMode.Exponential;
        retry.MaxRetries = 4;
        retry.Delay = TimeSpan.FromMilliseconds(500);
        retry.MaxDelay = TimeSpan.FromSeconds(10);
        retry.NetworkTimeout = TimeSpan.FromSeconds(60);
    }
}
