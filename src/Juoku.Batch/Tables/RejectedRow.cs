namespace Juoku.Batch.Tables;

/// <summary>A row that was left out because it cannot be used.</summary>
/// <param name="Input">The path or URL of its table.</param>
/// <param name="Line">Line of a text file on which it begins, from 1; null in Parquet.</param>
/// <param name="Row">Row of a Parquet file, from 0 over all its row groups; null in text.</param>
/// <param name="Column">Column at fault; null when it is the row as a whole.</param>
/// <param name="Reason">What is wrong with it, in one line.</param>
public sealed record RejectedRow(string Input, long? Line, long? Row, string? Column, string Reason);
