using System.Diagnostics;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.SQS;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Juoku.Tests.Servers;

namespace Juoku.Deploy.Tests.Network;

/// <summary>Everything of a run where there is no IPv4: listeners, endpoints, URLs. The servers listen on <c>::1</c>, and nothing else could be reached.</summary>
public sealed class Ipv6OnlyTests
{
    private const string Day = "features/ctr/dt=2026-11-23";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_S3AndSqsByAddress_IsPublished()
    {
        var sqsServer = new NodePackage("fauxqs");
        Assert.SkipWhen((CephServer.Missing ?? sqsServer.Missing) is not null, CephServer.Missing ?? sqsServer.Missing ?? "");
        await using NetworkNamespace network = await NetworkNamespace.MakeAsync();
        using var folder = new ScratchFolder();
        await using ServerProcess ceph = await network.ServeAsync(folder.Path, ServerFolder.PathOf("ceph/serve"), folder["ceph"], "7480", "3300");
        string script = await File.ReadAllTextAsync(Path.Combine(sqsServer.Sources, "serve.mjs"), Cancellation);
        await using ServerProcess sqs = await network.ServeAsync(sqsServer.Folder, "node", "--input-type=module", "--eval", script, "::1");
        const string S3 = "http://[::1]:7480";
        var juoku = new InnerJuoku(network, folder.Path, new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL_S3"] = S3,
            ["AWS_ENDPOINT_URL_SQS"] = sqs.Greeting,
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ACCESS_KEY_ID"] = CephServer.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = CephServer.SecretKey,
            ["JUOKU__STORE"] = "s3://juoku/data",
            ["JUOKU__QUEUE"] = "sqs://parts",
        });
        await juoku.RunAsync("sample", "--output", folder["sample"]);

        using (HttpClient http = network.OpenHttp())
        {
            var credentials = new BasicAWSCredentials(CephServer.AccessKey, CephServer.SecretKey);
            using var s3Client = new AmazonS3Client(credentials, new AmazonS3Config
            {
                ServiceURL = S3,
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                HttpClientFactory = new OneHttpClient(http),
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            });
            await s3Client.PutBucketAsync("juoku", Cancellation);
            await s3Client.PutObjectAsync(new PutObjectRequest { BucketName = "juoku", Key = $"data/{Day}/part-00000.parquet", FilePath = folder["sample/impressions.parquet"] }, Cancellation);
            using var sqsClient = new AmazonSQSClient(credentials, new AmazonSQSConfig { ServiceURL = sqs.Greeting, AuthenticationRegion = "us-east-1", HttpClientFactory = new OneHttpClient(http) });
            await sqsClient.CreateQueueAsync("parts", Cancellation);
        }

        await PublishAsync(network, juoku, folder);
    }

    [Fact]
    public async Task Run_AzureByName_IsPublished()
    {
        var azurite = new NodePackage("azurite");
        Assert.SkipWhen(azurite.Missing is not null, azurite.Missing ?? "");
        await using NetworkNamespace network = await NetworkNamespace.MakeAsync();
        using var folder = new ScratchFolder();
        string script = await File.ReadAllTextAsync(Path.Combine(azurite.Sources, "serve.mjs"), Cancellation);
        await using ServerProcess server = await network.ServeAsync(azurite.Folder, "node", "--input-type=module", "--eval", script, "::1", "10000");
        string connection = AzuriteServer.ConnectionStringOf($"http://{NetworkNamespace.HostName}:10000", $"http://{NetworkNamespace.HostName}:10001");
        var juoku = new InnerJuoku(network, folder.Path, new Dictionary<string, string>
        {
            ["AZURE_STORAGE_CONNECTION_STRING"] = connection,
            ["JUOKU__STORE"] = "az://juoku/data",
            ["JUOKU__QUEUE"] = "azq://parts",
        });
        await juoku.RunAsync("sample", "--output", folder["sample"]);

        using (HttpClient http = network.OpenHttp())
        {
            var container = new BlobContainerClient(connection, "juoku", new BlobClientOptions { Transport = new HttpClientTransport(http) });
            await container.CreateAsync(cancellationToken: Cancellation);
            await container.GetBlobClient($"data/{Day}/part-00000.parquet").UploadAsync(folder["sample/impressions.parquet"], Cancellation);
            await new QueueClient(connection, "parts", new QueueClientOptions { Transport = new HttpClientTransport(http) }).CreateAsync(cancellationToken: Cancellation);
        }

        await PublishAsync(network, juoku, folder);
    }

    [Fact]
    public async Task KedaScaler_LocalStoreAndQueue_ServesOnIpv6()
    {
        await using NetworkNamespace network = await NetworkNamespace.MakeAsync();
        using var folder = new ScratchFolder();
        var juoku = new InnerJuoku(network, folder.Path, new Dictionary<string, string>());
        (Process process, Uri probes) = await juoku.ServeAsync("keda-scaler", "--address", "::1", "--port", "9090");
        using Process scaler = process;

        using HttpClient http = network.OpenHttp();
        Assert.Equal("ready\n", await http.GetStringAsync(new Uri(probes, "/readyz"), Cancellation));
        using var call = new HttpRequestMessage(HttpMethod.Post, "http://[::1]:9090/externalscaler.ExternalScaler/IsActive")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };
        using HttpResponseMessage answer = await http.SendAsync(call, Cancellation);
        Assert.True(answer.IsSuccessStatusCode); // what it says is in the scaler's own tests
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType?.MediaType);
        await StopAsync(scaler);
    }

    [Fact]
    public async Task Controller_ApiServerByAddress_Leads()
    {
        await using NetworkNamespace network = await NetworkNamespace.MakeAsync();
        using var folder = new ScratchFolder();
        string script = await File.ReadAllTextAsync(DeployFolder.PathOf("../tests/Juoku.Deploy.Tests/Network/api.mjs"), Cancellation);
        await using ServerProcess api = await network.ServeAsync(folder.Path, "node", "--input-type=module", "--eval", script);
        await File.WriteAllTextAsync(folder["kubeconfig"], """
            clusters: [{name: here, cluster: {server: "http://[::1]:6443"}}]
            users: [{name: me, user: {token: mine}}]
            contexts: [{name: it, context: {cluster: here, user: me, namespace: juoku}}]
            current-context: it
            """, Cancellation);
        var juoku = new InnerJuoku(network, folder.Path, new Dictionary<string, string>());

        (Process process, Uri probes) = await juoku.ServeAsync("controller", "--deployment", "workers", "--kubeconfig", folder["kubeconfig"]);
        using Process controller = process;

        using HttpClient http = network.OpenHttp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!(await http.GetStringAsync(new Uri(probes, "/metrics"), limit.Token)).Contains("juoku_leader_is_leader{} 1", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
        await StopAsync(controller);
    }

    [Fact]
    public async Task Namespace_Ipv4_IsNotThere()
    {
        await using NetworkNamespace network = await NetworkNamespace.MakeAsync();

        using Process probe = Process.Start(network.Inside("/", "bash", "-c", ": </dev/tcp/127.0.0.1/9"))!;
        await probe.WaitForExitAsync(Cancellation);

        Assert.Contains("unreachable", await probe.StandardError.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
    }

    /// <summary>A model, a run, a worker whose probes are asked meanwhile, and what readers then have.</summary>
    private static async Task PublishAsync(NetworkNamespace network, InnerJuoku juoku, ScratchFolder folder)
    {
        await juoku.RunAsync("models", "import", folder["sample/model.txt"], "--name", "ctr");
        (Process process, Uri probes) = await juoku.ServeAsync("worker", "--threads", "1");
        using Process worker = process;
        string run = (await juoku.RunAsync("run", "submit", "--model", "ctr/1", "--input", Day, "--output", "predictions/ctr", "--key", "impression_id")).Trim();
        await juoku.RunAsync("run", "wait", run);

        JsonElement status = JsonDocument.Parse(await juoku.RunAsync("run", "status", run, "--json")).RootElement;
        Assert.Equal("published", status.GetProperty("state").GetString());
        Assert.Equal("[::1]", probes.Host);
        using (HttpClient http = network.OpenHttp())
        {
            Assert.Equal("ok\n", await http.GetStringAsync(new Uri(probes, "/healthz"), Cancellation));
            Assert.Equal("ready\n", await http.GetStringAsync(new Uri(probes, "/readyz"), Cancellation));
            Assert.Contains("juoku_rows_scored_total", await http.GetStringAsync(new Uri(probes, "/metrics"), Cancellation), StringComparison.Ordinal);
        }

        await StopAsync(worker);
    }

    /// <summary>Tells a command to stop, which must end well.</summary>
    private static async Task StopAsync(Process process)
    {
        using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"])) await kill.WaitForExitAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
    }

    private sealed class OneHttpClient(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }

    private sealed class ScratchFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("juoku-ipv6-").FullName;

        public string this[string name] => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
