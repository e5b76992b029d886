using Juoku.Bench.Models;

namespace Juoku.Bench.Forest;

/// <summary>The same rows in every form that a scorer takes them in.</summary>
internal sealed class BenchmarkRows
{
    /// <summary>Not the seed of the training rows: models are timed on rows they have not seen.</summary>
    private const ulong Seed = 31_337;

    /// <summary>Generates rows.</summary>
    public BenchmarkRows(int count, bool categories)
    {
        Count = count;
        Columns = SyntheticClicks.Columns(count, Seed, categories);
        Floats = SyntheticClicks.ToRows(Columns);
        Doubles = [.. Floats.Select(value => (double)value)];
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>One array a feature.</summary>
    public float[][] Columns { get; }

    /// <summary>Row after row.</summary>
    public float[] Floats { get; }

    /// <summary>Row after row, in double.</summary>
    public double[] Doubles { get; }

    /// <summary>One row.</summary>
    public ReadOnlySpan<double> Row(int row) => Doubles.AsSpan(row * SyntheticClicks.FeatureCount, SyntheticClicks.FeatureCount);

    /// <summary>A range of rows in float.</summary>
    public Memory<float> FloatRange(int first, int count) => Floats.AsMemory(first * SyntheticClicks.FeatureCount, count * SyntheticClicks.FeatureCount);

    /// <summary>A range of rows in double.</summary>
    public Memory<double> DoubleRange(int first, int count) => Doubles.AsMemory(first * SyntheticClicks.FeatureCount, count * SyntheticClicks.FeatureCount);
}
