namespace Juoku.Batch.Queues;

/// <summary>A queue could not do what it was asked: says what, where, and what to do, in one line.</summary>
/// <param name="url">The queue.</param>
/// <param name="problem">What happened, and what to do.</param>
/// <param name="cause">What the adapter's library said.</param>
public class QueueException(string url, string problem, Exception? cause = null)
    : Exception($"{url}: {problem.ReplaceLineEndings(" ").Trim()}", cause);

/// <summary>The queue is not there.</summary>
public sealed class QueueNotFoundException(string url, string problem, Exception? cause = null) : QueueException(url, problem, cause);
