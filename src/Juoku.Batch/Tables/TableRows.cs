namespace Juoku.Batch.Tables;

/// <summary>A batch of rows as a reader fills it: columns side by side, buffers reused from batch to batch.</summary>
public sealed class TableRows
{
    /// <summary>Makes the number buffers of a selection; key buffers come with <see cref="Keys"/>.</summary>
    /// <param name="numbers">How many columns are read as numbers.</param>
    /// <param name="capacity">Most rows of a batch; a multiple of 8.</param>
    public TableRows(int numbers, int capacity)
    {
        Capacity = capacity;
        Numbers = new NumberBuffer[numbers];
        for (int i = 0; i < numbers; i++) Numbers[i] = new NumberBuffer(capacity);
    }

    /// <summary>Most rows of a batch.</summary>
    public int Capacity { get; }

    /// <summary>Rows in the batch.</summary>
    public int Count { get; set; }

    /// <summary>Columns read as numbers, in the order of the selection.</summary>
    public NumberBuffer[] Numbers { get; }

    /// <summary>Columns carried along, in the order of the selection; set by the caller, filled by the reader.</summary>
    public KeyBuffer[] Keys { get; set; } = [];
}
