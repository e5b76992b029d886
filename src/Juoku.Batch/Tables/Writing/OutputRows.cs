namespace Juoku.Batch.Tables.Writing;

/// <summary>A batch of output rows: keys and scores, and their text once formatted. Reused from batch to batch.</summary>
public sealed class OutputRows
{
    /// <summary>Makes a batch.</summary>
    /// <param name="keys">The key columns.</param>
    /// <param name="outputs">Scores a row.</param>
    /// <param name="capacity">Most rows.</param>
    public OutputRows(IReadOnlyList<KeyColumn> keys, int outputs, int capacity)
    {
        Keys = [.. keys.Select(key => key.NewBuffer(capacity))];
        Scores = new double[capacity * outputs];
        Outputs = outputs;
    }

    /// <summary>Rows in the batch.</summary>
    public int Count { get; set; }

    /// <summary>Scores a row.</summary>
    public int Outputs { get; }

    /// <summary>Key values, one buffer a column.</summary>
    public KeyBuffer[] Keys { get; }

    /// <summary>Scores, the outputs of a row side by side.</summary>
    public double[] Scores { get; }

    /// <summary>The rows as lines of text, when the output is text.</summary>
    internal ByteText Text { get; } = new();
}
