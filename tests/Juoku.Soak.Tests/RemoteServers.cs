using System.Globalization;
using System.Runtime.InteropServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SQS;
using Amazon.SQS.Model;
using Juoku.Tests.Servers;

namespace Juoku.Soak.Tests;

/// <summary>Ceph as S3 and fauxqs as SQS, for all rounds that take place there. Whoever this process starts finds them by its environment.</summary>
internal sealed class RemoteServers : IAsyncDisposable
{
    private const string Bucket = "juoku";

    // Made only once the environment is as it must be: the SDK reads that once.
    private readonly Lazy<BasicAWSCredentials> _credentials = new(() => new BasicAWSCredentials(CephServer.AccessKey, CephServer.SecretKey));
    private readonly CephServer _ceph;
    private readonly FauxqsServer _fauxqs;
    private int _places;

    private RemoteServers(CephServer ceph, FauxqsServer fauxqs) => (_ceph, _fauxqs) = (ceph, fauxqs);

    /// <summary>Why they cannot run here; null when they can.</summary>
    public static string? Missing => CephServer.Missing ?? FauxqsServer.Missing;

    public static async Task<RemoteServers> StartAsync()
    {
        var servers = new RemoteServers(await CephServer.StartAsync(), await FauxqsServer.StartAsync());
        foreach ((string name, string value) in servers._fauxqs.Environment.Concat(servers._ceph.Environment)) Environment.SetEnvironmentVariable(name, value);
        using var s3 = new AmazonS3Client(servers._credentials.Value, new AmazonS3Config { ServiceURL = servers._ceph.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await s3.PutBucketAsync(Bucket);
        return servers;
    }

    /// <summary>A prefix and a queue of their own.</summary>
    public async Task<SoakPlace> PlaceAsync(string folder)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"soak-{_places++}");
        using var sqs = new AmazonSQSClient(_credentials.Value, new AmazonSQSConfig { ServiceURL = _fauxqs.Endpoint, AuthenticationRegion = "us-east-1" });
        string dead = (await sqs.CreateQueueAsync($"{name}-dead")).QueueUrl;
        string arn = (await sqs.GetQueueAttributesAsync(dead, ["QueueArn"])).QueueARN;
        await sqs.CreateQueueAsync(new CreateQueueRequest { QueueName = name, Attributes = new() { ["RedrivePolicy"] = $$"""{"deadLetterTargetArn":"{{arn}}","maxReceiveCount":"1000"}""" } });
        return new RemotePlace(folder, name, _ceph, _fauxqs);
    }

    public async ValueTask DisposeAsync()
    {
        await _fauxqs.DisposeAsync();
        await _ceph.DisposeAsync();
    }
}

/// <summary>A place on these servers. The gateway of the store is killed and started again now and then, and the queue stops answering for a while.</summary>
internal sealed partial class RemotePlace(string folder, string name, CephServer ceph, FauxqsServer fauxqs) : SoakPlace(folder)
{
    public override string Name => "Ceph (S3) + fauxqs (SQS)";

    public override string StoreUrl => $"s3://juoku/{name}";

    public override string QueueUrl => $"sqs://{name}";

    public override async Task<string?> DisturbAsync(Random random, CancellationToken cancellation)
    {
        if (random.Next(2) == 0)
        {
            await ceph.RestartGatewayAsync(TimeSpan.FromSeconds(1 + 3 * random.NextDouble()), CancellationToken.None);
            return "S3 server killed and restarted";
        }

        _ = Signal(fauxqs.ProcessId, 19);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(2 + 4 * random.NextDouble()), cancellation);
        }
        finally
        {
            _ = Signal(fauxqs.ProcessId, 18);
        }

        return "SQS server suspended";
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
