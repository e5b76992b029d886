using System.Text.Json;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace Juoku.Aws.Queues;

/// <summary>Finds the URLs of a queue and of its dead-letter queue, and remembers them.</summary>
internal sealed class SqsNames(SqsAddress address, AmazonSQSClient sqs)
{
    private string? _queue;
    private (bool Known, string? Url) _deadLetters;

    /// <summary>The queue's URL.</summary>
    public async Task<string> QueueAsync(CancellationToken cancellation) =>
        _queue ??= await ResolveAsync(address.Queue, owner: null, cancellation).ConfigureAwait(false);

    /// <summary>The dead-letter queue's URL; null when there is none.</summary>
    public async Task<string?> DeadLettersAsync(CancellationToken cancellation)
    {
        if (!_deadLetters.Known) _deadLetters = (true, await FindDeadLettersAsync(cancellation).ConfigureAwait(false));
        return _deadLetters.Url;
    }

    private async Task<string?> FindDeadLettersAsync(CancellationToken cancellation)
    {
        if (address.DeadLetters is { } named) return await ResolveAsync(named, owner: null, cancellation).ConfigureAwait(false);
        string queue = await QueueAsync(cancellation).ConfigureAwait(false);
        GetQueueAttributesResponse response = await sqs.GetQueueAttributesAsync(queue, ["RedrivePolicy"], cancellation).ConfigureAwait(false);
        if (response.Attributes?.GetValueOrDefault("RedrivePolicy") is not { Length: > 0 } policy) return null;
        using JsonDocument json = JsonDocument.Parse(policy);
        string[] arn = json.RootElement.GetProperty("deadLetterTargetArn").GetString()!.Split(':'); // arn:aws:sqs:region:account:name
        return await ResolveAsync(arn[5], owner: arn[4], cancellation).ConfigureAwait(false);
    }

    private async Task<string> ResolveAsync(string queue, string? owner, CancellationToken cancellation)
    {
        if (SqsAddress.IsUrl(queue)) return queue;
        var request = new GetQueueUrlRequest { QueueName = queue, QueueOwnerAWSAccountId = owner };
        return (await sqs.GetQueueUrlAsync(request, cancellation).ConfigureAwait(false)).QueueUrl;
    }
}
