using System.Collections.Immutable;
using Juoku.Learning.Generation;

namespace Juoku.Bench.Models;

/// <summary>
/// Rows that look like what a click model sees, from a seed: heavy-tailed counts, rates rounded to a few decimals, log-normal amounts,
/// zero-heavy spending, recencies that are often missing, hours, and smoothed ratios of small numbers; with categories, eight of the
/// forty features are codes of 10 to 1,000 Zipf-distributed values. Three hidden factors a row tie the features together, and clicks
/// follow from all of them, one by one and in pairs.
/// </summary>
internal static class SyntheticClicks
{
    /// <summary>Raised whenever the same seed gives other rows, so that cached models and files of older rows are not used.</summary>
    public const int Version = 1;

    public const int FeatureCount = 40;

    private const int FactorCount = 3;
    private const int PairCount = 24;

    private static readonly int[] Cardinalities = [10, 20, 50, 100, 200, 400, 700, 1000];

    /// <summary>Names <c>f0</c> … <c>f39</c>.</summary>
    public static ImmutableArray<string> FeatureNames { get; } = [.. Enumerable.Range(0, FeatureCount).Select(f => $"f{f}")];

    /// <summary>The features that are codes where rows are generated with categories: every fifth.</summary>
    public static ImmutableArray<int> CategoricalFeatures { get; } = [.. Enumerable.Range(0, FeatureCount).Where(f => f % 5 == 4)];

    /// <summary>One array a feature.</summary>
    public static float[][] Columns(int rows, ulong seed, bool categories) => Generate(rows, seed, categories, logits: null);

    /// <summary>One array a feature, and a click or none for each row.</summary>
    public static (float[][] Columns, float[] Clicks) Labelled(int rows, ulong seed, bool categories)
    {
        var logits = new double[rows];
        Array.Fill(logits, -2.6);
        float[][] columns = Generate(rows, seed, categories, logits);
        var random = new SeededRandom(seed, stream: 1_000);
        return (columns, [.. logits.Select(logit => random.NextBool(1 / (1 + Math.Exp(-logit))) ? 1f : 0f)]);
    }

    /// <summary>The columns as a row-major matrix.</summary>
    public static float[] ToRows(float[][] columns)
    {
        int rows = columns[0].Length;
        var matrix = new float[rows * columns.Length];
        for (int f = 0; f < columns.Length; f++)
        {
            float[] column = columns[f];
            for (int i = 0; i < rows; i++) matrix[i * columns.Length + f] = column[i];
        }

        return matrix;
    }

    private static float[][] Generate(int rows, ulong seed, bool categories, double[]? logits)
    {
        float[][] factors = [.. Enumerable.Range(0, FactorCount).Select(k => Factor(rows, seed, k))];
        var columns = new float[FeatureCount][];
        var signals = new float[FeatureCount][];
        for (int f = 0; f < FeatureCount; f++)
        {
            columns[f] = new float[rows];
            signals[f] = logits is null ? [] : new float[rows];
            int category = categories ? CategoricalFeatures.IndexOf(f) : -1;
            var random = new SeededRandom(seed, (ulong)f);
            if (category >= 0) FillCodes(Cardinalities[category], f, random, columns[f], signals[f]);
            else FillNumbers(f, factors[f % FactorCount], random, columns[f], signals[f]);
        }

        if (logits is not null) AddEffects(signals, logits);
        return columns;
    }

    private static float[] Factor(int rows, ulong seed, int factor)
    {
        var random = new SeededRandom(seed, 2_000 + (ulong)factor);
        var values = new float[rows];
        for (int i = 0; i < rows; i++) values[i] = (float)random.NextNormal();
        return values;
    }

    private static void FillNumbers(int feature, float[] factor, SeededRandom random, float[] values, float[] signal)
    {
        double missing = feature % 8 == 3 ? 0.1 + 0.02 * (feature / 8) : 0;
        for (int i = 0; i < values.Length; i++)
        {
            double z = 0.5 * factor[i] + 0.866 * random.NextNormal();
            bool absent = missing > 0 && random.NextBool(missing);
            values[i] = absent ? float.NaN : (float)Value(feature, z, random);
            if (signal.Length > 0) signal[i] = absent ? -0.7f : (float)z;
        }
    }

    private static double Value(int feature, double z, SeededRandom random) => (feature % 8) switch
    {
        0 => Math.Floor(Math.Exp(0.5 + 1.3 * z)),
        1 => Math.Round(1 / (1 + Math.Exp(2.5 - 1.1 * z)), 4),
        2 => Math.Exp(1.5 * z),
        3 => Math.Exp(3 - 0.9 * z),
        4 => z < 0.25 ? 0 : Math.Round(Math.Exp(1 + 1.2 * z), 2),
        5 => Math.Round(z, 3),
        6 => Math.Clamp(Math.Floor(12 + 5 * z), 0, 23),
        _ => SmoothedRatio(z, random),
    };

    private static double SmoothedRatio(double z, SeededRandom random)
    {
        int views = 1 + (int)Math.Exp(2 + 1.2 * random.NextNormal());
        int clicks = (int)(views / (1 + Math.Exp(2.5 - z)));
        return (clicks + 1.0) / (views + 20.0);
    }

    private static void FillCodes(int cardinality, int feature, SeededRandom random, float[] values, float[] signal)
    {
        var zipf = new ZipfDistribution(cardinality, 1.05);
        // The effect of a category belongs to the world, not to the sample: it must not change with the seed of the rows.
        var world = new SeededRandom((ulong)feature, stream: 3_000);
        float[] effects = [.. Enumerable.Range(0, cardinality).Select(_ => (float)world.NextNormal())];
        for (int i = 0; i < values.Length; i++)
        {
            int code = zipf.Next(random);
            values[i] = code;
            if (signal.Length > 0) signal[i] = effects[code];
        }
    }

    private static void AddEffects(float[][] signals, double[] logits)
    {
        var world = new SeededRandom(seed: 7, stream: 4_000);
        for (int f = 0; f < FeatureCount; f++)
        {
            double weight = 0.15 + 0.35 * world.NextDouble();
            double bend = 0.5 + 2 * world.NextDouble();
            for (int i = 0; i < logits.Length; i++) logits[i] += weight * Math.Sin(bend * signals[f][i]);
        }

        for (int p = 0; p < PairCount; p++)
        {
            float[] a = signals[world.NextInt(FeatureCount)];
            float[] b = signals[world.NextInt(FeatureCount)];
            double weight = 0.3 * world.NextNormal();
            for (int i = 0; i < logits.Length; i++) logits[i] += weight * Math.Tanh(a[i] * b[i]);
        }
    }
}
