using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Juoku.Batch;
using Juoku.Batch.Queues;
using QueueMessage = Juoku.Batch.Queues.QueueMessage;

namespace Juoku.Azure.Queues;

/// <summary>
/// A queue of Azure Storage. The service does not wait for messages, so a receiver asks again, at growing intervals. It knows whole seconds
/// only, takes 64 KiB a message, hands out 32 at a time, and counts messages in flight as visible. The queue for dead letters,
/// <c>‹queue›-poison</c>, is made when it is first needed.
/// </summary>
public sealed class StorageQueue : IQueue
{
    /// <summary>The most bytes of a message.</summary>
    internal const int TextLimit = 64 << 10;

    private const int MostAtOnce = 32;
    private const int SendersAtOnce = 16;
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1); // instead of the service's seven days
    private static readonly TimeSpan MostVisibility = TimeSpan.FromDays(7);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(2);

    private readonly StorageQueueAddress _address;
    private readonly QueueClient _queue;
    private readonly QueueClient _dead;
    private readonly StorageQueueFaults _faults;

    internal StorageQueue(StorageQueueAddress address, QueueServiceClient service)
    {
        _address = address;
        _queue = service.GetQueueClient(address.Name);
        _dead = service.GetQueueClient(address.DeadName);
        _faults = new StorageQueueFaults(address.Url, service.Uri);
    }

    /// <inheritdoc/>
    public string Url => _address.Url;

    /// <summary>Opens <c>azq://queue-name</c> in the account that the environment names.</summary>
    /// <exception cref="AddressException">The URL names no queue.</exception>
    /// <exception cref="QueueException">The environment names no account.</exception>
    public static StorageQueue Open(string url) => Open(url, Environment.GetEnvironmentVariable);

    /// <summary>Opens <c>azq://queue-name</c> in the account that some variables name.</summary>
    internal static StorageQueue Open(string url, Func<string, string?> variable)
    {
        var address = StorageQueueAddress.Parse(url);
        try
        {
            AzureAccount account = AzureAccount.Find(variable) ?? throw new QueueException(url, AzureAccount.Unnamed);
            return new StorageQueue(address, account.OpenQueues());
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new QueueException(url, $"the account cannot be used ({e.Message}); check AZURE_STORAGE_CONNECTION_STRING and AZURE_STORAGE_SERVICE_ENDPOINT", e);
        }
    }

    /// <inheritdoc/>
    public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => _faults.InAsync(_address.Name, "send", async () =>
    {
        var several = new ParallelOptions { MaxDegreeOfParallelism = SendersAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(bodies, several, async (body, stop) =>
            await _queue.SendMessageAsync(body, timeToLive: Forever, cancellationToken: stop).ConfigureAwait(false)).ConfigureAwait(false);
        return bodies.Count;
    }, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        TimeProvider time = TimeProvider.System;
        long start = time.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause * 1.5 < LastPause ? pause * 1.5 : LastPause)
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<QueueMessage> messages = await TakeAsync(Math.Min(most, MostAtOnce), visibility).ConfigureAwait(false);
            TimeSpan left = wait - time.GetElapsedTime(start);
            if (messages.Count > 0 || left <= TimeSpan.Zero) return messages;
            TimeSpan rest = pause * (0.5 + Random.Shared.NextDouble()); // receivers that began together shall not stay together
            await Task.Delay(rest < left ? rest : left, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) => _faults.InAsync(_address.Name, "extend a loan", async () =>
    {
        try
        {
            UpdateReceipt receipt = await _queue.UpdateMessageAsync(message.Id, message.Receipt, (string?)null, Seconds(visibility), cancellation).ConfigureAwait(false);
            message.Receipt = receipt.PopReceipt;
            return true;
        }
        catch (RequestFailedException e) when (StorageQueueFaults.IsLoss(e))
        {
            return false;
        }
    }, cancellation);

    /// <inheritdoc/>
    public Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) => _faults.InAsync(_address.Name, "complete a message", async () =>
    {
        try
        {
            await _queue.DeleteMessageAsync(message.Id, message.Receipt, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (StorageQueueFaults.IsLoss(e))
        {
            return false;
        }
    }, cancellation);

    /// <inheritdoc/>
    public Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) => ExtendAsync(message, delay, cancellation);

    /// <inheritdoc/>
    /// <remarks>A crash in the middle may leave the message in both queues, never in none.</remarks>
    public async Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation)
    {
        // 1. Make sure that it is ours, and stays so for the next steps.
        if (!await ExtendAsync(message, TimeSpan.FromMinutes(2), cancellation).ConfigureAwait(false)) return false;

        // 2. Copy it.
        string text = new DeadLetter(reason, message.Receives, message.Body).ToText(TextLimit);
        await _faults.InAsync(_address.DeadName, "move a message to the dead letters", async () =>
        {
            try
            {
                return await _dead.SendMessageAsync(text, timeToLive: Forever, cancellationToken: cancellation).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                await _dead.CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
                return await _dead.SendMessageAsync(text, timeToLive: Forever, cancellationToken: cancellation).ConfigureAwait(false);
            }
        }, cancellation).ConfigureAwait(false);

        // 3. Remove it.
        return await CompleteAsync(message, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<QueueDepth> CountAsync(CancellationToken cancellation)
    {
        long messages = await _faults.InAsync(_address.Name, "count messages", () => CountAsync(_queue, cancellation), cancellation).ConfigureAwait(false);
        long dead = await _faults.InAsync(_address.DeadName, "count dead letters", async () =>
        {
            try
            {
                return await CountAsync(_dead, cancellation).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                return 0; // it is made with the first of them
            }
        }, cancellation).ConfigureAwait(false);
        return new QueueDepth(messages, 0, dead);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Asks once, without cancellation: an answer that nobody reads would keep its messages invisible.</summary>
    private Task<IReadOnlyList<QueueMessage>> TakeAsync(int most, TimeSpan visibility) => _faults.InAsync<IReadOnlyList<QueueMessage>>(_address.Name, "receive", async () =>
    {
        TimeSpan seconds = Seconds(visibility) is { Ticks: > 0 } some ? some : TimeSpan.FromSeconds(1);
        global::Azure.Storage.Queues.Models.QueueMessage[] messages = await _queue.ReceiveMessagesAsync(most, seconds, CancellationToken.None).ConfigureAwait(false);
        return [.. messages.Select(message => new QueueMessage(message.MessageId, message.MessageText, (int)message.DequeueCount, message.PopReceipt))];
    }, CancellationToken.None);

    private static async Task<long> CountAsync(QueueClient queue, CancellationToken cancellation)
    {
        QueueProperties properties = await queue.GetPropertiesAsync(cancellation).ConfigureAwait(false);
        return properties.ApproximateMessagesCountLong;
    }

    private static TimeSpan Seconds(TimeSpan span) => span >= MostVisibility ? MostVisibility : TimeSpan.FromSeconds(Math.Ceiling(Math.Max(span.TotalSeconds, 0)));
}
