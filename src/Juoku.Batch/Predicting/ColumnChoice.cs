using System.Collections.Immutable;

namespace Juoku.Batch.Predicting;

/// <summary>The columns of a table that are no features.</summary>
/// <param name="Keys">Columns carried over to the output: names, or positions from 0 in a file without header.</param>
/// <param name="Label">Name of the label column.</param>
/// <param name="LabelColumn">Position of the label column, from 0.</param>
internal sealed record ColumnChoice(ImmutableArray<string> Keys, string? Label = null, int? LabelColumn = null);
