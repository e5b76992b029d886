using System.Collections.Immutable;
using Juoku.Learning.LightGbm;

namespace Juoku.Bench.Models;

/// <summary>A model that benchmarks train from a seed: <c>200x63</c> is 200 trees of 63 leaves; <c>cat</c> has categorical features.</summary>
/// <param name="Name">Name of the case in results.</param>
/// <param name="Trees">Boosting iterations.</param>
/// <param name="Leaves">Leaves of each tree.</param>
/// <param name="HasCategories">Eight of the forty features are categorical.</param>
internal sealed record BenchmarkModel(string Name, int Trees, int Leaves, bool HasCategories)
{
    /// <summary>Rows the models learn from.</summary>
    public const int TrainingRows = 200_000;

    /// <summary>Seed of the training rows; rows to score have another, so that no model is timed on rows it has learnt.</summary>
    public const ulong TrainingSeed = 20_201;

    /// <summary>The models of <c>juoku bench forest</c>, in the order of its results.</summary>
    public static ImmutableArray<BenchmarkModel> All { get; } =
    [
        new("200x63", 200, 63, HasCategories: false),
        new("200x63cat", 200, 63, HasCategories: true),
        new("1000x31", 1000, 31, HasCategories: false),
        new("500x255cat", 500, 255, HasCategories: true),
        new("200x255", 200, 255, HasCategories: false),
    ];

    /// <summary>The model whose file, of about 20 MB, <c>load</c> reads.</summary>
    public static BenchmarkModel ToLoad { get; } = new("600x255cat", 600, 255, HasCategories: true);

    /// <summary>The model of that name.</summary>
    public static BenchmarkModel Named(string name) => All.Single(model => model.Name == name);

    /// <summary>Training parameters: LightGBM's defaults but for the size; the same model whatever the number of cores.</summary>
    public Parameters Parameters => new()
    {
        ["objective"] = "binary",
        ["num_leaves"] = Leaves,
        ["learning_rate"] = 0.1,
        ["max_bin"] = 255,
        ["seed"] = 20_201,
        ["deterministic"] = true,
        ["force_col_wise"] = true,
    };

    /// <summary>Trains the model.</summary>
    /// <param name="progress">Told how many trees are done.</param>
    /// <param name="cancel">Stops between trees.</param>
    public Booster Train(IProgress<int>? progress, CancellationToken cancel)
    {
        (float[][] columns, float[] clicks) = SyntheticClicks.Labelled(TrainingRows, TrainingSeed, HasCategories);
        using Dataset data = Dataset.Create<float>(SyntheticClicks.ToRows(columns), SyntheticClicks.FeatureCount, clicks, new DatasetOptions
        {
            FeatureNames = SyntheticClicks.FeatureNames,
            CategoricalFeatures = HasCategories ? SyntheticClicks.CategoricalFeatures : [],
            Parameters = Parameters,
        });
        return Booster.Train(data, Parameters, Trees, progress, cancel);
    }
}
