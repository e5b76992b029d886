using System.Collections.Immutable;
using Juoku.Learning.Training;

namespace Juoku.Learning.Evaluation;

/// <summary>Rows that a model has scored, column by column: about 20 bytes a row and 4 for each breakdown.</summary>
public sealed class ScoredRows
{
    internal ScoredRows(int count, IReadOnlyList<string> breakdowns, bool hasTruth)
    {
        Probabilities = new double[count];
        Labels = new float[count];
        Weights = new float[count];
        Days = new short[count];
        Breakdowns = [.. breakdowns.Select(name => new BreakdownColumn(name, new int[count], new ValueNames()))];
        if (hasTruth) Truth = new double[count];
    }

    /// <summary>Number of rows.</summary>
    public int Count => Probabilities.Length;

    /// <summary>What the model says.</summary>
    public double[] Probabilities { get; }

    /// <summary>1 clicked, 0 not.</summary>
    public float[] Labels { get; }

    /// <summary>How many rows each stands for.</summary>
    public float[] Weights { get; }

    /// <summary>Index of the day each is from.</summary>
    public short[] Days { get; }

    /// <summary>The columns that reports are broken down by.</summary>
    public ImmutableArray<BreakdownColumn> Breakdowns { get; }

    /// <summary>The probabilities that clicks were drawn from; null where nobody knows them.</summary>
    public double[]? Truth { get; }
}

/// <summary>A column that reports are broken down by.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Numbers">Number of each row's value; −1 for none.</param>
/// <param name="Values">The values.</param>
public sealed record BreakdownColumn(string Name, int[] Numbers, ValueNames Values);
