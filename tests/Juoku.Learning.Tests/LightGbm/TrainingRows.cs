using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Tests.LightGbm;

/// <summary>Rows with a signal: two numbers that matter together, a category, and a number that does not matter.</summary>
internal sealed record TrainingRows(double[] Values, float[] Labels, float[] Weights)
{
    public const int Features = 4;

    public static DatasetOptions Options => new()
    {
        FeatureNames = ["a", "b", "site", "noise"],
        CategoricalFeatures = [2],
        Parameters = Binary(),
    };

    public static Parameters Binary() => new()
    {
        ["objective"] = "binary",
        ["num_leaves"] = 15,
        ["min_data_in_leaf"] = 20,
        ["deterministic"] = true,
        ["force_col_wise"] = true,
        ["seed"] = 3,
    };

    public int Count => Labels.Length;

    public ReadOnlySpan<double> Row(int row) => Values.AsSpan(row * Features, Features);

    public static TrainingRows Make(int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count * Features];
        var labels = new float[count];
        var weights = new float[count];
        for (int i = 0; i < count; i++)
        {
            Span<double> row = values.AsSpan(i * Features, Features);
            row[0] = random.NextDouble() * 2 - 1;
            row[1] = random.NextDouble() < 0.1 ? double.NaN : random.NextDouble() < 0.3 ? 0 : random.NextDouble() * 2 - 1;
            row[2] = random.Next(12);
            row[3] = random.NextDouble();
            double logit = 2 * row[0] * (double.IsNaN(row[1]) ? 0.3 : row[1]) + (row[2] is 3 or 5 ? 1.5 : -0.8);
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0;
            weights[i] = random.Next(1, 4);
        }

        return new TrainingRows(values, labels, weights);
    }

    public Dataset Matrix() => Dataset.Create<double>(Values, Features, Labels, Options);

    /// <summary>The same dataset, pushed in pieces.</summary>
    public Dataset Streamed(int piece, DatasetOptions options)
    {
        BinningSample sample = BinningSample.Draw(Count, Features, options.Parameters);
        foreach (int row in sample.Rows) sample.Add(Row(row));
        Dataset data = Dataset.CreateEmpty(sample, options);
        Fill(data, piece);
        return data;
    }

    public void Fill(Dataset data, int piece)
    {
        data.SetLabels(Labels);
        for (int start = 0; start < Count; start += piece)
            data.Push<double>(Values.AsSpan(start * Features, Math.Min(piece, Count - start) * Features), start);
    }
}
