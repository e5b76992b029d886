using System.Collections.Immutable;

namespace Juoku.Forest;

/// <summary>The values of one categorical column, in code order: value <c>Values[k]</c> has category code <c>k</c>.</summary>
/// <param name="Values">Category values as text (numbers in their shortest form).</param>
public sealed record CategoryMap(ImmutableArray<string> Values)
{
    /// <summary>Index of the feature that the column became; null when the model text does not tell which one it is.</summary>
    public int? Feature { get; init; }
}
