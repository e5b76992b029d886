using System.Collections.Immutable;
using System.Globalization;

namespace Juoku.Learning.Evaluation;

/// <summary>How well calibrated a model is for each value of a column.</summary>
/// <param name="Name">The column.</param>
/// <param name="Groups">The values, the weightiest first; or in order where all are numbers.</param>
/// <param name="ValueCount">How many values there are; more than <paramref name="Groups"/> shows when there are many.</param>
public sealed record Breakdown(string Name, ImmutableArray<BreakdownGroup> Groups, int ValueCount)
{
    private const int MostGroups = 24;

    /// <summary>Breaks rows down by a column.</summary>
    public static Breakdown Of(ScoredRows rows, BreakdownColumn column)
    {
        // Rows without a value come last.
        int values = column.Values.Names.Count;
        double[] weight = new double[values + 1], predicted = new double[values + 1], clicks = new double[values + 1], squares = new double[values + 1];
        for (int row = 0; row < rows.Count; row++)
        {
            int value = column.Numbers[row] < 0 ? values : column.Numbers[row];
            double w = rows.Weights[row];
            weight[value] += w;
            predicted[value] += w * rows.Probabilities[row];
            clicks[value] += w * rows.Labels[row];
            squares[value] += w * w;
        }

        BreakdownGroup[] groups =
        [
            .. Enumerable.Range(0, values + 1).Where(value => weight[value] > 0)
                .Select(value => new BreakdownGroup(value == values ? null : column.Values.Names[value], ReliabilityBin.Of(weight[value], predicted[value], clicks[value], squares[value])))
                .OrderByDescending(group => group.Bin.Weight).ThenBy(group => group.Value, StringComparer.Ordinal),
        ];
        bool inOrder = groups.Length <= MostGroups && groups.All(group => group.Value is null || IsNumber(group.Value));
        IEnumerable<BreakdownGroup> shown = inOrder
            ? groups.OrderBy(group => group.Value is null ? double.PositiveInfinity : double.Parse(group.Value, CultureInfo.InvariantCulture))
            : groups.Take(MostGroups);
        return new Breakdown(column.Name, [.. shown], groups.Length);
    }

    private static bool IsNumber(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out _);
}

/// <summary>A value of a column that a report is broken down by.</summary>
/// <param name="Value">The value; null where rows have none.</param>
/// <param name="Bin">The rows that have it.</param>
public sealed record BreakdownGroup(string? Value, ReliabilityBin Bin);
