using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3.Model;
using Juoku.Aws.Stores;
using Juoku.Batch;
using Juoku.Batch.Stores;
using Juoku.Tests.Servers;

namespace Juoku.Aws.Tests.Stores;

/// <summary>What an S3 store does when the bucket, the credentials, the endpoint or an answer is missing.</summary>
public sealed class S3FaultTests(CephFixture ceph)
{
    private static readonly BasicAWSCredentials Credentials = new(CephServer.AccessKey, CephServer.SecretKey);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bucket_Missing_EveryCallSaysSo()
    {
        string endpoint = (await ceph.RunningAsync()).Endpoint;
        await using S3Store store = S3Store.Open("s3://no-such-bucket/x", endpoint, Credentials);

        StoreNotFoundException[] errors =
        [
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.FindAsync("k", Stop)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.GetAsync("k", Stop)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.PutAsync("k", new byte[1], PutCondition.IfAbsent, Stop)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.DeleteAsync("k", Stop)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.SweepAsync("", TimeSpan.Zero, Stop)),
            await Assert.ThrowsAsync<StoreNotFoundException>(async () => await store.ListAsync("", Stop).FirstOrDefaultAsync(Stop)),
        ];

        Assert.All(errors, error => Assert.Equal($"s3://no-such-bucket/x: there is no bucket 'no-such-bucket' at {endpoint}; create it, or correct the name", error.Message));
    }

    [Fact]
    public async Task Credentials_Refused_IsAFailureAndNotAbsence()
    {
        CephServer server = await ceph.RunningAsync();
        await using (await CephBucket.OpenAsync(server, "any")) { }
        await using S3Store store = S3Store.Open($"s3://{CephBucket.Name}/any", server.Endpoint, new BasicAWSCredentials(CephServer.AccessKey, "wrong"));

        StoreException[] errors =
        [
            await Assert.ThrowsAsync<StoreException>(() => store.FindAsync("k", Stop)),
            await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("k", Stop)),
            await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new byte[1], PutCondition.IfAbsent, Stop)),
            await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync("", Stop).FirstOrDefaultAsync(Stop)),
        ];

        Assert.All(errors, error => Assert.Contains("refused access (", error.Message));
        Assert.All(errors, error => Assert.Contains("check the credentials", error.Message));
        Assert.All(errors, error => Assert.DoesNotContain('\n', error.Message));
    }

    [Fact]
    public async Task Endpoint_NobodyThere_SaysWhatToCheck()
    {
        string endpoint = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        await using var store = new S3Store(S3Address.Parse("s3://bucket"), AwsConnection.S3(Credentials, endpoint, retries: 0));

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => store.FindAsync("k", Stop));

        Assert.StartsWith($"s3://bucket/k: cannot be looked up: cannot reach S3 at {endpoint} (", error.Message);
        Assert.EndsWith("check the network and AWS_ENDPOINT_URL_S3", error.Message);
    }

    [Theory]
    [InlineData("200 OK", "<html><body>Welcome!</body></html>")]
    [InlineData("404 Not Found", "no such page")]
    [InlineData("502 Bad Gateway", "<h1>nobody home</h1>")]
    public async Task Endpoint_SomethingElse_IsAFailureAndNotAbsence(string status, string body)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task serving = AnswerAsync(listener, status, body, stop.Token);
        await using (var store = new S3Store(S3Address.Parse("s3://bucket"), AwsConnection.S3(Credentials, $"http://{listener.LocalEndpoint}", retries: 0)))
        {
            await Assert.ThrowsAnyAsync<StoreException>(async () => await store.ListAsync("", Stop).FirstOrDefaultAsync(Stop));
            await Assert.ThrowsAnyAsync<StoreException>(() => store.GetAsync("k", Stop));
            await Assert.ThrowsAnyAsync<StoreException>(() => store.PutAsync("k", new byte[1], PutCondition.None, Stop));
        }

        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task PutIfAbsent_AnswerLost_StillKnowsThatItWon()
    {
        CephServer server = await ceph.RunningAsync();
        await using var proxy = new LossyProxy(server.Endpoint);
        await using S3Store store = await CephBucket.OpenAsync(server, Guid.NewGuid().ToString("n"), proxy.Endpoint);

        proxy.Cuts.Enqueue(0);
        StoredObject? put = await store.PutAsync("receipt", "mine"u8.ToArray(), PutCondition.IfAbsent, Stop);
        proxy.Cuts.Enqueue(0);
        StoredObject? next = await store.PutAsync("receipt", "next"u8.ToArray(), PutCondition.IfMatch(put!.ETag), Stop);

        Assert.Empty(proxy.Cuts);
        Assert.Equal(next?.ETag, (await store.FindAsync("receipt", Stop))?.ETag);
        Assert.Null(await store.PutAsync("receipt", "mine"u8.ToArray(), PutCondition.IfAbsent, Stop));
    }

    [Fact]
    public async Task Read_AnswerBreaksOff_GoesOnWhereItDid()
    {
        CephServer server = await ceph.RunningAsync();
        await using var proxy = new LossyProxy(server.Endpoint);
        await using S3Store store = await CephBucket.OpenAsync(server, Guid.NewGuid().ToString("n"), proxy.Endpoint);
        var content = new byte[3_000_000];
        new Random(5).NextBytes(content);
        StoredObject item = (await store.PutAsync("x", content, PutCondition.None, Stop))!;

        foreach (int cut in new[] { 0, 1_000_000, 700_000 }) proxy.Cuts.Enqueue(cut);
        var buffer = new byte[content.Length];
        await store.ReadAsync(item, 0, buffer, Stop);
        proxy.Cuts.Enqueue(1_000_000);
        StoredBytes? whole = await store.GetAsync("x", Stop);

        Assert.Empty(proxy.Cuts);
        Assert.True(content.AsSpan().SequenceEqual(buffer));
        Assert.True(content.AsSpan().SequenceEqual(whole!.Content.Span));
    }

    [Fact]
    public async Task Writer_AnswerToCompletionLost_IsComplete()
    {
        CephServer server = await ceph.RunningAsync();
        await using var proxy = new LossyProxy(server.Endpoint);
        await using S3Store store = await CephBucket.OpenAsync(server, Guid.NewGuid().ToString("n"), proxy.Endpoint);
        await using ObjectWriter writer = await store.CreateAsync("large", Stop);
        await writer.Stream.WriteAsync(new byte[S3ObjectWriter.FirstPart + 1], Stop);
        while (await UploadedAsync(server, store) == 0) await Task.Delay(20, Stop);
        proxy.Cuts.Enqueue(0); // the last part's
        proxy.Cuts.Enqueue(0); // the completion's

        StoredObject written = await writer.CompleteAsync(Stop);

        Assert.Empty(proxy.Cuts);
        Assert.Equal(S3ObjectWriter.FirstPart + 1, written.Length);
        Assert.Equal(written.ETag, (await store.FindAsync("large", Stop))?.ETag);
    }

    [Fact]
    public async Task Store_OnTheOtherInternetProtocol_Works()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        CephServer server = await ceph.RunningAsync();
        await using S3Store store = await CephBucket.OpenAsync(server, Guid.NewGuid().ToString("n"), server.Endpoint6);

        await store.PutAsync("x", "6"u8.ToArray(), PutCondition.IfAbsent, Stop);

        Assert.Equal("6"u8.ToArray(), (await store.GetAsync("x", Stop))?.Content.ToArray());
    }

    [Theory]
    [InlineData("s3://"), InlineData("s3://a"), InlineData("s3://under score?x/y"), InlineData("s3:bucket")]
    public void Url_NoBucket_SaysHowToWriteIt(string url)
    {
        AddressException error = Assert.Throws<AddressException>(() => Adapters.Local.AddAws().OpenStore(url));

        Assert.EndsWith("write it as s3://bucket/prefix", error.Message);
    }

    [Theory]
    [InlineData("sqs://"), InlineData("sqs://a b"), InlineData("sqs://a?b=c"), InlineData("sqs:parts"), InlineData("sqs://https://")]
    public void Url_NoQueue_SaysHowToWriteIt(string url)
    {
        AddressException error = Assert.Throws<AddressException>(() => Adapters.Local.AddAws().OpenQueue(url));

        Assert.Contains("write it as sqs://queue-name", error.Message);
    }

    private static async Task<int> UploadedAsync(CephServer server, S3Store store)
    {
        using Amazon.S3.AmazonS3Client s3 = AwsConnection.S3(Credentials, server.Endpoint);
        string prefix = store.Url[$"s3://{CephBucket.Name}/".Length..];
        ListMultipartUploadsResponse uploads = await s3.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = CephBucket.Name, Prefix = prefix }, Stop);
        if (uploads.MultipartUploads is not [var upload]) return 0;
        return (await s3.ListPartsAsync(CephBucket.Name, upload.Key, upload.UploadId, Stop)).Parts?.Count ?? 0;
    }

    private static async Task AnswerAsync(TcpListener listener, string status, string body, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop);
                _ = await client.GetStream().ReadAsync(new byte[1 << 16].AsMemory(), stop); // small requests come in one piece
                await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
