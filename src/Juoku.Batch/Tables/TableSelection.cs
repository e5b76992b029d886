using System.Collections.Immutable;

namespace Juoku.Batch.Tables;

/// <summary>The columns to read from a table; the others are not decoded.</summary>
/// <param name="Numbers">Columns read as numbers, in the order of <see cref="TableRows.Numbers"/>.</param>
/// <param name="Keys">Positions of the columns carried along unchanged, in the order of <see cref="TableRows.Keys"/>.</param>
public sealed record TableSelection(ImmutableArray<NumberSelection> Numbers, ImmutableArray<int> Keys);

/// <summary>A column to read as numbers.</summary>
/// <param name="Position">Position in the table, from 0.</param>
/// <param name="Codes">Codes of the categories when the values are categories; null for plain numbers.</param>
public sealed record NumberSelection(int Position, CategoryCodes? Codes = null);
