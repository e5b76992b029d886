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

    /// <summary>
    /// Gets the rows that cannot be used, in their order, and they are left out; set by the caller. When null, the first row that does not parse
    /// is an error, and keys may be null.
    /// </summary>
    public List<RejectedRow>? Rejects { get; set; }

    /// <summary>Takes rows out of the batch.</summary>
    /// <param name="rows">Positions, ascending.</param>
    public void Remove(ReadOnlySpan<int> rows)
    {
        foreach (NumberBuffer number in Numbers) number.Remove(rows, Count);
        foreach (KeyBuffer key in Keys) key.Remove(rows, Count);
        Count -= rows.Length;
    }

    /// <summary>Moves what stays over what goes.</summary>
    internal static void Remove<T>(Span<T> values, ReadOnlySpan<int> rows)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            int next = i + 1 < rows.Length ? rows[i + 1] : values.Length;
            values[(rows[i] + 1)..next].CopyTo(values[(rows[i] - i)..]);
        }
    }
}
