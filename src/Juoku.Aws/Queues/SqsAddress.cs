using Juoku.Batch;

namespace Juoku.Aws.Queues;

/// <summary>Which queue is meant, and where its dead letters go.</summary>
/// <param name="Url">As its user wrote it.</param>
/// <param name="Queue">Its name, or its own URL in full.</param>
/// <param name="DeadLetters">The same of the dead-letter queue; null to ask the queue's redrive policy.</param>
internal sealed record SqsAddress(string Url, string Queue, string? DeadLetters)
{
    private const string Scheme = "sqs://";
    private const string DeadLettersOption = "dlq=";
    private const string Form = "write it as sqs://queue-name, sqs://https://… (the queue's own URL), either with ?dlq=queue-name where it is wanted";

    /// <exception cref="AddressException">The URL names no queue.</exception>
    public static SqsAddress Parse(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.Ordinal)) throw new AddressException(url, Form);
        string[] parts = url[Scheme.Length..].Split('?', 2);
        string? deadLetters = null;
        if (parts.Length == 2)
        {
            if (!parts[1].StartsWith(DeadLettersOption, StringComparison.Ordinal)) throw new AddressException(url, $"'{parts[1]}' is no option of a queue; {Form}");
            deadLetters = Checked(url, parts[1][DeadLettersOption.Length..]);
        }

        return new SqsAddress(url, Checked(url, parts[0]), deadLetters);
    }

    /// <summary>Whether a queue is named by its own URL.</summary>
    public static bool IsUrl(string queue) => queue.StartsWith("https://", StringComparison.Ordinal) || queue.StartsWith("http://", StringComparison.Ordinal);

    private static string Checked(string url, string queue)
    {
        bool fine = IsUrl(queue)
            ? Uri.TryCreate(queue, UriKind.Absolute, out Uri? whole) && whole.Segments.Length >= 2
            : queue.Length is > 0 and <= 80 && queue.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        if (queue.EndsWith(".fifo", StringComparison.Ordinal)) throw new AddressException(url, "is a FIFO queue, which hands out too few messages at a time; use a standard queue");
        return fine ? queue : throw new AddressException(url, $"'{queue}' is no name of a queue; {Form}");
    }
}
