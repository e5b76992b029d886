using System.Collections.Concurrent;
using System.Globalization;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Juoku.Batch;
using Juoku.Batch.Queues;

namespace Juoku.Aws.Queues;

/// <summary>
/// A standard queue of SQS and what speaks like it. A message can be kept invisible for 12 hours in all, counted from its receipt; a part
/// that takes longer comes back, as SQS has it.
/// </summary>
public sealed class SqsQueue : IQueue
{
    private const int MostAtOnce = 10;
    private const string ReceiveCount = "ApproximateReceiveCount";
    private static readonly TimeSpan LongestVisibility = TimeSpan.FromHours(12);
    private static readonly TimeSpan TimeToMove = TimeSpan.FromSeconds(30);

    private readonly AmazonSQSClient _sqs;
    private readonly SqsFaults _faults;
    private readonly SqsNames _names;
    private readonly SqsSender _sender;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Task, bool> _unfinished = [];

    internal SqsQueue(SqsAddress address, AmazonSQSClient sqs, TimeProvider? clock = null)
    {
        (Url, _sqs, _clock) = (address.Url, sqs, clock ?? TimeProvider.System);
        _faults = new SqsFaults(address.Url, sqs.Config.ServiceURL?.TrimEnd('/'));
        _names = new SqsNames(address, sqs);
        _sender = new SqsSender(address.Url, sqs);
    }

    /// <inheritdoc/>
    public string Url { get; }

    /// <summary>How long SQS is asked to wait for a message, at most; 20 s is what it takes.</summary>
    internal TimeSpan LongestPoll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Opens <c>sqs://queue-name</c> or <c>sqs://https://…</c>; endpoint, region and credentials come from the SDK's own chain.</summary>
    /// <exception cref="AddressException">The URL names no queue.</exception>
    public static SqsQueue Open(string url) => Open(SqsAddress.Parse(url), () => AwsConnection.Sqs());

    /// <summary>Opens a queue on a given server, with given credentials.</summary>
    /// <exception cref="AddressException">The URL names no queue.</exception>
    public static SqsQueue Open(string url, string endpoint, AWSCredentials credentials) =>
        Open(SqsAddress.Parse(url), () => AwsConnection.Sqs(credentials, endpoint));

    private static SqsQueue Open(SqsAddress address, Func<AmazonSQSClient> connect)
    {
        try
        {
            return new SqsQueue(address, connect());
        }
        catch (AmazonClientException e)
        {
            throw new QueueException(address.Url, AwsFault.Explain(e, "SQS", endpoint: null), e);
        }
    }

    /// <inheritdoc/>
    public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => _faults.InAsync("send messages", async () =>
    {
        await _sender.SendAsync(await _names.QueueAsync(cancellation).ConfigureAwait(false), bodies, cancellation).ConfigureAwait(false);
        return true;
    }, cancellation);

    /// <inheritdoc/>
    /// <remarks>Hands out at most 10 at a time. Cancelled, it returns at once; disposal waits for the poll to end, up to 20 s.</remarks>
    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        long start = _clock.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan left = wait - _clock.GetElapsedTime(start);
            Task<IReadOnlyList<QueueMessage>> poll = PollAsync(Math.Min(most, MostAtOnce), left, visibility, cancellation);
            IReadOnlyList<QueueMessage> messages;
            try
            {
                messages = await poll.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Task back = GiveBackAsync(poll);
                _unfinished[back] = true;
                throw;
            }

            if (messages.Count > 0 || left <= LongestPoll) return messages;
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) => _faults.InAsync("extend a message's time", async () =>
    {
        SqsReceipt receipt = SqsReceipt.Parse(message.Receipt);
        long from = Now;
        var request = new ChangeMessageVisibilityRequest
        {
            QueueUrl = await _names.QueueAsync(cancellation).ConfigureAwait(false),
            ReceiptHandle = receipt.Handle,
            VisibilityTimeout = Seconds(visibility),
        };
        try
        {
            await _sqs.ChangeMessageVisibilityAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (AmazonSQSException e) when (SqsFaults.IsLost(e))
        {
            return false;
        }

        message.Receipt = new SqsReceipt(from + (request.VisibilityTimeout.Value * 1000L), receipt.Handle).ToString();
        return true;
    }, cancellation);

    /// <inheritdoc/>
    public async Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) =>
        (!HasRunOut(message) || await ExtendAsync(message, TimeToMove, cancellation).ConfigureAwait(false))
        && await DeleteAsync(message, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) =>
        !HasRunOut(message) && await ExtendAsync(message, delay, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>Where a failure comes between sending and deleting, the message is in both queues: nothing is lost.</remarks>
    public async Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation)
    {
        string target = await _faults.InAsync("find the dead-letter queue", () => _names.DeadLettersAsync(cancellation), cancellation).ConfigureAwait(false)
            ?? throw new QueueException(Url, "has no dead-letter queue; give it a redrive policy, or name one as ?dlq=queue-name");
        if (!await ExtendAsync(message, TimeToMove, cancellation).ConfigureAwait(false)) return false;
        await _faults.InAsync("send to the dead-letter queue", () => _sender.SendDeadAsync(target, message, reason, cancellation), cancellation).ConfigureAwait(false);
        return await DeleteAsync(message, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<QueueDepth> CountAsync(CancellationToken cancellation) => _faults.InAsync("count messages", async () =>
    {
        string queue = await _names.QueueAsync(cancellation).ConfigureAwait(false);
        string? deadLetters = await _names.DeadLettersAsync(cancellation).ConfigureAwait(false);
        GetQueueAttributesResponse live = await CountAsync(queue, cancellation).ConfigureAwait(false);
        GetQueueAttributesResponse? dead = deadLetters is null ? null : await CountAsync(deadLetters, cancellation).ConfigureAwait(false);
        return new QueueDepth(
            (long)live.ApproximateNumberOfMessages + live.ApproximateNumberOfMessagesDelayed,
            live.ApproximateNumberOfMessagesNotVisible,
            dead is null ? 0 : (long)dead.ApproximateNumberOfMessages + dead.ApproximateNumberOfMessagesDelayed + dead.ApproximateNumberOfMessagesNotVisible);
    }, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_unfinished.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what could not be given back comes back by itself
        _sqs.Dispose();
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(Math.Clamp(time.TotalSeconds, 0, LongestVisibility.TotalSeconds));

    private bool HasRunOut(QueueMessage message) => SqsReceipt.Parse(message.Receipt).Until <= Now;

    /// <summary>One look at the queue. Cancellation reaches it until the request is sent, and no further.</summary>
    private Task<IReadOnlyList<QueueMessage>> PollAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation) => _faults.InAsync("receive messages", async () =>
    {
        var request = new ReceiveMessageRequest
        {
            QueueUrl = await _names.QueueAsync(cancellation).ConfigureAwait(false),
            MaxNumberOfMessages = most,
            WaitTimeSeconds = Seconds(wait < LongestPoll ? wait : LongestPoll),
            VisibilityTimeout = Seconds(visibility),
            MessageSystemAttributeNames = [ReceiveCount],
        };
        cancellation.ThrowIfCancellationRequested();
        ReceiveMessageResponse response = await _sqs.ReceiveMessageAsync(request, CancellationToken.None).ConfigureAwait(false);
        long until = Now + (request.VisibilityTimeout.Value * 1000L);
        return (IReadOnlyList<QueueMessage>)[.. (response.Messages ?? []).Select(message => new QueueMessage(
            message.MessageId,
            message.Body,
            int.Parse(message.Attributes[ReceiveCount], CultureInfo.InvariantCulture),
            new SqsReceipt(until, message.ReceiptHandle).ToString()))];
    }, cancellation);

    private async Task GiveBackAsync(Task<IReadOnlyList<QueueMessage>> poll)
    {
        foreach (QueueMessage message in await poll.ConfigureAwait(false)) await AbandonAsync(message, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
    }

    private Task<bool> DeleteAsync(QueueMessage message, CancellationToken cancellation) => _faults.InAsync("delete a message", async () =>
    {
        string queue = await _names.QueueAsync(cancellation).ConfigureAwait(false);
        try
        {
            SqsReceipt receipt = SqsReceipt.Parse(message.Receipt);
            await _sqs.DeleteMessageAsync(queue, receipt.Handle, cancellation).ConfigureAwait(false);
            message.Receipt = (receipt with { Until = 0 }).ToString(); // SQS would say yes to a second time as well
        }
        catch (AmazonSQSException e) when (SqsFaults.IsLost(e))
        {
            return false;
        }

        return true;
    }, cancellation);

    private Task<GetQueueAttributesResponse> CountAsync(string queue, CancellationToken cancellation) => _sqs.GetQueueAttributesAsync(
        queue,
        ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"],
        cancellation);
}
