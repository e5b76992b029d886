using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Juoku.Aws.Queues;
using Juoku.Batch.Queues;
using Juoku.Tests.Contracts;
using Juoku.Tests.Servers;

namespace Juoku.Aws.Tests.Queues;

/// <summary>The contract of queues, against a server that speaks SQS.</summary>
public sealed class SqsContractTests(FauxqsFixture fauxqs) : QueueContract, IAsyncLifetime
{
    private static readonly BasicAWSCredentials Credentials = new("juokutest", "juokutestsecret");

    private string _endpoint = "";

    /// <summary>SQS takes it; this server looks at each half of a surrogate pair alone.</summary>
    protected override string Flag => "";

    public async ValueTask InitializeAsync() => _endpoint = (await fauxqs.RunningAsync()).Endpoint;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override async Task<IQueue> OpenAsync(string name)
    {
        using AmazonSQSClient sqs = AwsConnection.Sqs(Credentials, _endpoint);
        string dead = (await sqs.CreateQueueAsync($"{name}-dead", Cancellation)).QueueUrl;
        string arn = (await sqs.GetQueueAttributesAsync(dead, ["QueueArn"], Cancellation)).QueueARN;
        await sqs.CreateQueueAsync(new CreateQueueRequest
        {
            QueueName = name,
            Attributes = new() { ["RedrivePolicy"] = $$"""{"deadLetterTargetArn":"{{arn}}","maxReceiveCount":"100"}""" },
        }, Cancellation);
        return Open(name);
    }

    protected override Task<IQueue> OpenMissingAsync() => Task.FromResult<IQueue>(Open("missing"));

    protected override async Task<(string Body, string Reason)> ReadDeadLetterAsync(string name)
    {
        using AmazonSQSClient sqs = AwsConnection.Sqs(Credentials, _endpoint);
        string dead = (await sqs.GetQueueUrlAsync($"{name}-dead", Cancellation)).QueueUrl;
        Message letter = (await sqs.ReceiveMessageAsync(new ReceiveMessageRequest { QueueUrl = dead, MessageAttributeNames = ["All"] }, Cancellation)).Messages.Single();
        return (letter.Body, letter.MessageAttributes["reason"].StringValue);
    }

    /// <summary>Disposal waits for polls that were cancelled: short ones keep the tests short.</summary>
    private SqsQueue Open(string name) => new(SqsAddress.Parse($"sqs://{name}"), AwsConnection.Sqs(Credentials, _endpoint)) { LongestPoll = TimeSpan.FromSeconds(2) };
}
