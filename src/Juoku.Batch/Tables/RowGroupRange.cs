namespace Juoku.Batch.Tables;

/// <summary>Some row groups of a Parquet file.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The one after the last.</param>
public readonly record struct RowGroupRange(int From, int To);
