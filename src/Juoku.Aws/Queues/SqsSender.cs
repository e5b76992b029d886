using System.Globalization;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using Juoku.Batch.Queues;

namespace Juoku.Aws.Queues;

/// <summary>Sends messages in batches, several at a time, and what SQS did not take of a batch once more.</summary>
internal sealed class SqsSender(string url, AmazonSQSClient sqs)
{
    private const int MostInBatch = 10;
    private const int BytesInBatch = 256 << 10; // SQS takes more by now; what speaks like it need not
    private const int Parallel = 8;
    private const int Attempts = 6;
    private const int LongestReason = 1024;

    public Task SendAsync(string queue, IReadOnlyCollection<string> bodies, CancellationToken cancellation) => System.Threading.Tasks.Parallel.ForEachAsync(
        Batches(bodies),
        new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation },
        async (batch, stop) => await SendBatchAsync(queue, batch, stop).ConfigureAwait(false));

    /// <summary>Sends a message to the dead-letter queue, with what is known about its end.</summary>
    public async Task<bool> SendDeadAsync(string queue, QueueMessage message, string reason, CancellationToken cancellation)
    {
        var request = new SendMessageRequest
        {
            QueueUrl = queue,
            MessageBody = message.Body,
            MessageAttributes = new Dictionary<string, MessageAttributeValue>
            {
                ["reason"] = Text(Printable(reason)),
                ["receives"] = Text(message.Receives.ToString(CultureInfo.InvariantCulture)),
                ["source"] = Text(url),
            },
        };
        await sqs.SendMessageAsync(request, cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task SendBatchAsync(string queue, List<string> bodies, CancellationToken cancellation)
    {
        List<SendMessageBatchRequestEntry> waiting = [.. bodies.Select((body, i) => new SendMessageBatchRequestEntry(i.ToString(CultureInfo.InvariantCulture), body))];
        for (int attempt = 1; ; attempt++)
        {
            SendMessageBatchResponse response = await sqs.SendMessageBatchAsync(queue, waiting, cancellation).ConfigureAwait(false);
            List<BatchResultErrorEntry> failed = response.Failed ?? [];
            if (failed.Count == 0) return;
            if (failed.Find(entry => entry.SenderFault == true || attempt == Attempts) is { } hopeless)
                throw new QueueException(url, $"did not take {failed.Count} of {waiting.Count} messages ({hopeless.Code}: {hopeless.Message}); send all of them again");
            waiting = [.. waiting.Where(entry => failed.Exists(f => f.Id == entry.Id))];
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 100 << attempt)), cancellation).ConfigureAwait(false);
        }
    }

    private static IEnumerable<List<string>> Batches(IEnumerable<string> bodies)
    {
        List<string> batch = [];
        int bytes = 0;
        foreach (string body in bodies)
        {
            int size = Encoding.UTF8.GetByteCount(body);
            if (batch.Count == MostInBatch || (batch.Count > 0 && bytes + size > BytesInBatch))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(body);
            bytes += size;
        }

        if (batch.Count > 0) yield return batch;
    }

    private static MessageAttributeValue Text(string value) => new() { DataType = "String", StringValue = value };

    /// <summary>An attribute is not empty, and takes what XML does.</summary>
    private static string Printable(string reason)
    {
        string text = string.Concat(reason.EnumerateRunes().Take(LongestReason).Where(rune => rune.Value is '\t' or '\n' or '\r' || !Rune.IsControl(rune)));
        return string.IsNullOrWhiteSpace(text) ? "no reason given" : text;
    }
}
