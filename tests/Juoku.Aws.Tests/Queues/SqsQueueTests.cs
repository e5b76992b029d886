using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Juoku.Aws.Queues;
using Juoku.Batch.Queues;
using Juoku.Tests.Servers;

namespace Juoku.Aws.Tests.Queues;

/// <summary>What queues of SQS do beyond the contract.</summary>
public sealed class SqsQueueTests(FauxqsFixture fauxqs) : IAsyncLifetime
{
    private static readonly BasicAWSCredentials Credentials = new("juokutest", "juokutestsecret");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly string _name = $"parts-{Guid.NewGuid():n}";
    private string _endpoint = "";
    private AmazonSQSClient? _raw;
    private SqsQueue? _queue;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SqsQueue Queue => _queue!;

    public async ValueTask InitializeAsync()
    {
        _endpoint = (await fauxqs.RunningAsync()).Endpoint;
        _raw = new AmazonSQSClient(Credentials, new AmazonSQSConfig { ServiceURL = _endpoint, AuthenticationRegion = "us-east-1" });
        string dead = (await _raw.CreateQueueAsync($"{_name}-dead", Stop)).QueueUrl;
        string arn = (await _raw.GetQueueAttributesAsync(dead, ["QueueArn"], Stop)).QueueARN;
        await _raw.CreateQueueAsync(new CreateQueueRequest
        {
            QueueName = _name,
            Attributes = new() { ["RedrivePolicy"] = $$"""{"deadLetterTargetArn":"{{arn}}","maxReceiveCount":"3"}""" },
        }, Stop);
        _queue = SqsQueue.Open($"sqs://{_name}", _endpoint, Credentials);
    }

    public async ValueTask DisposeAsync()
    {
        _raw?.Dispose();
        if (_queue is not null) await _queue.DisposeAsync();
    }

    [Fact]
    public async Task Messages_ManySent_AllComeOnce()
    {
        string[] bodies = [.. Enumerable.Range(0, 123).Select(i => $$"""{"run":"r","part":{{i}},"note":"十億 <&>"}""")];
        await Queue.SendAsync(bodies, Stop);
        Assert.Equal(new QueueDepth(123, 0, 0), await Queue.CountAsync(Stop));

        var received = new List<string>();
        while (await Queue.ReceiveAsync(100, TimeSpan.Zero, Minute, Stop) is { Count: > 0 } messages)
        {
            Assert.InRange(messages.Count, 1, 10);
            Assert.All(messages, message => Assert.Equal(1, message.Receives));
            received.AddRange(messages.Select(message => message.Body));
            foreach (QueueMessage message in messages) Assert.True(await Queue.CompleteAsync(message, Stop));
        }

        Assert.Equal(bodies.Order(), received.Order());
        Assert.Equal(default, await Queue.CountAsync(Stop));
    }

    [Fact]
    public async Task Messages_LargeOnes_AreSplitIntoBatchesThatFit()
    {
        string[] bodies = [.. Enumerable.Range(0, 5).Select(i => new string((char)('a' + i), 100_000))];

        await Queue.SendAsync(bodies, Stop);

        Assert.Equal(5, (await Queue.CountAsync(Stop)).Visible);
    }

    [Fact]
    public async Task DeadLetter_WithReason_IsCountedAndSaysWhy()
    {
        await Queue.SendAsync(["bad"], Stop);

        Assert.True(await Queue.DeadLetterAsync(await ReceiveOneAsync(Minute), "not a message of ours:\nline 1", Stop));

        Assert.Equal(new QueueDepth(0, 0, 1), await Queue.CountAsync(Stop));
        ReceiveMessageResponse dead = await _raw!.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = (await _raw.GetQueueUrlAsync($"{_name}-dead", Stop)).QueueUrl,
            MessageAttributeNames = ["All"],
        }, Stop);
        Message letter = Assert.Single(dead.Messages);
        Assert.Equal(("bad", "not a message of ours:\nline 1", Queue.Url), (letter.Body, letter.MessageAttributes["reason"].StringValue, letter.MessageAttributes["source"].StringValue));
    }

    [Fact]
    public async Task DeadLetter_QueueNamedInTheUrl_GoesThere()
    {
        await _raw!.CreateQueueAsync($"{_name}-other", Stop);
        await using SqsQueue queue = SqsQueue.Open($"sqs://{_name}?dlq={_name}-other", _endpoint, Credentials);
        await queue.SendAsync(["bad"], Stop);

        Assert.True(await queue.DeadLetterAsync(await ReceiveOneAsync(Minute), "why", Stop));

        Assert.Equal(1, (await queue.CountAsync(Stop)).Dead);
        Assert.Equal(0, (await Queue.CountAsync(Stop)).Dead);
    }

    [Fact]
    public async Task DeadLetter_NoQueueForIt_SaysWhatToDo()
    {
        await using SqsQueue bare = SqsQueue.Open($"sqs://{_name}-dead", _endpoint, Credentials);
        await bare.SendAsync(["bad"], Stop);
        QueueMessage message = (await bare.ReceiveAsync(1, Second, Minute, Stop))[0];

        QueueException error = await Assert.ThrowsAsync<QueueException>(() => bare.DeadLetterAsync(message, "why", Stop));

        Assert.Contains("give it a redrive policy, or name one as ?dlq=", error.Message);
        Assert.Equal(new QueueDepth(0, 1, 0), await bare.CountAsync(Stop));
    }

    [Fact]
    public async Task Message_ReceivedTooOften_IsDead()
    {
        await Queue.SendAsync(["x"], Stop);
        for (int i = 0; i < 3; i++) await Queue.AbandonAsync(await ReceiveOneAsync(Minute), TimeSpan.Zero, Stop);

        Assert.Empty(await Queue.ReceiveAsync(1, Second, Minute, Stop));
        Assert.Equal(new QueueDepth(0, 0, 1), await Queue.CountAsync(Stop));
    }

    [Fact]
    public async Task Queue_NamedByItsOwnUrl_IsTheSame()
    {
        string url = (await _raw!.GetQueueUrlAsync(_name, Stop)).QueueUrl;
        await Queue.SendAsync(["x"], Stop);

        await using SqsQueue queue = SqsQueue.Open($"sqs://{url}", _endpoint, Credentials);

        Assert.Equal(1, (await queue.CountAsync(Stop)).Visible);
    }

    [Fact]
    public async Task Queue_Missing_SaysSo()
    {
        await using SqsQueue queue = SqsQueue.Open("sqs://nowhere", _endpoint, Credentials);

        QueueNotFoundException error = await Assert.ThrowsAsync<QueueNotFoundException>(() => queue.CountAsync(Stop));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => queue.SendAsync(["x"], Stop));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => queue.ReceiveAsync(1, TimeSpan.Zero, Minute, Stop));

        Assert.Equal($"sqs://nowhere: there is no such queue at {_endpoint}; create it, or correct the name", error.Message);
    }

    [Fact]
    public async Task Queue_OnTheOtherInternetProtocol_Works()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "this machine has no IPv6");
        await using FauxqsServer server = await FauxqsServer.StartAsync("::1");
        Assert.StartsWith("http://[::1]:", server.Endpoint);
        using (var raw = new AmazonSQSClient(Credentials, new AmazonSQSConfig { ServiceURL = server.Endpoint, AuthenticationRegion = "us-east-1" }))
            await raw.CreateQueueAsync("parts", Stop);

        await using SqsQueue queue = SqsQueue.Open("sqs://parts", server.Endpoint, Credentials);
        await queue.SendAsync(["x"], Stop);

        Assert.Equal("x", (await queue.ReceiveAsync(1, TimeSpan.Zero, Minute, Stop))[0].Body);
    }

    private async Task<QueueMessage> ReceiveOneAsync(TimeSpan visibility) =>
        Assert.Single(await Queue.ReceiveAsync(1, TimeSpan.FromSeconds(10), visibility, Stop));
}
