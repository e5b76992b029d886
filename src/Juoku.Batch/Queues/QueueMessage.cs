namespace Juoku.Batch.Queues;

/// <summary>A message on loan from a queue.</summary>
/// <param name="id">Its identity, the same at every delivery.</param>
/// <param name="body">What was sent.</param>
/// <param name="receives">How often it has been received, this time included.</param>
/// <param name="receipt">The adapter's proof of this loan; extending may change it.</param>
public sealed class QueueMessage(string id, string body, int receives, string receipt)
{
    /// <summary>Its identity, the same at every delivery.</summary>
    public string Id => id;

    /// <summary>What was sent.</summary>
    public string Body => body;

    /// <summary>How often it has been received, this time included.</summary>
    public int Receives => receives;

    /// <summary>The adapter's proof of this loan. Azure's changes with every extension.</summary>
    public string Receipt { get; set; } = receipt;
}

/// <summary>How many messages a queue holds.</summary>
/// <param name="Visible">Ready to be received.</param>
/// <param name="InFlight">Received, neither completed nor timed out; with Azure, counted as visible.</param>
/// <param name="Dead">In the dead-letter queue.</param>
public readonly record struct QueueDepth(long Visible, long InFlight, long Dead);
