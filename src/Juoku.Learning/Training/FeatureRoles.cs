using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch.Tables;
using Juoku.Learning.Features;

namespace Juoku.Learning.Training;

/// <summary>Which columns of a set are label and weight, and their values.</summary>
internal static class FeatureRoles
{
    /// <summary>The label column.</summary>
    /// <exception cref="TableException">The set has none.</exception>
    public static string LabelOf(FeatureRange set) => Single(set, ColumnRole.Label) ?? throw new TableException(set.Set, "the feature set has no label; nothing can be learnt or measured");

    /// <summary>The weight column; null where all rows weigh the same.</summary>
    public static string? WeightOf(FeatureRange set) => Single(set, ColumnRole.Weight);

    /// <summary>Copies labels.</summary>
    /// <exception cref="TableException">One is missing or not within 0 … 1.</exception>
    public static void CopyLabels(FeatureBatch batch, int column, Span<float> labels)
    {
        for (int row = 0; row < labels.Length; row++)
        {
            double label = batch.Rows.Numbers[column][row];
            if (!(label is >= 0 and <= 1)) throw Bad(batch, row, "label", label, "0 (not clicked) or 1 (clicked)");
            labels[row] = (float)label;
        }
    }

    /// <summary>Copies weights.</summary>
    /// <exception cref="TableException">One is missing or not above 0.</exception>
    public static void CopyWeights(FeatureBatch batch, int column, Span<float> weights)
    {
        for (int row = 0; row < weights.Length; row++)
        {
            double weight = batch.Rows.Numbers[column][row];
            if (!(weight > 0) || double.IsInfinity(weight)) throw Bad(batch, row, "weight", weight, "above 0");
            weights[row] = (float)weight;
        }
    }

    private static string? Single(FeatureRange set, ColumnRole role)
    {
        ImmutableArray<FeatureColumn> columns = set.Of(role);
        return columns.Length > 1
            ? throw new TableException(set.Set, $"the feature set has {columns.Length} columns of the role {role.ToString().ToLowerInvariant()}; one is possible")
            : columns.FirstOrDefault()?.Name;
    }

    private static TableException Bad(FeatureBatch batch, int row, string what, double value, string expected) =>
        new(batch.Path, $"the {what} of row {batch.FirstRow + row} of those read is {(double.IsNaN(value) ? "missing" : value.ToString(CultureInfo.InvariantCulture))}; it must be {expected}");
}
