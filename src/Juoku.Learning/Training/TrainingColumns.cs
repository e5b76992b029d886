using System.Collections.Immutable;
using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Learning.Features;

namespace Juoku.Learning.Training;

/// <summary>The columns of a set that a model learns from.</summary>
/// <param name="Features">Features, in the model's order.</param>
/// <param name="Label">The label.</param>
/// <param name="Weight">The weight; null where training does not weigh.</param>
internal sealed record TrainingColumns(ImmutableArray<FeatureColumn> Features, string Label, string? Weight)
{
    public int Count => Features.Length;

    public ImmutableArray<string> Names => [.. Features.Select(feature => feature.Name)];

    public bool IsCategorical(int feature) => Features[feature].Type == FeatureType.Categorical;

    public static TrainingColumns Of(FeatureRange set, TrainingConfig config)
    {
        ImmutableArray<FeatureColumn> all = set.Of(ColumnRole.Feature);
        if (config.Exclude.FirstOrDefault(name => all.All(feature => feature.Name != name)) is { } unknown)
        {
            IReadOnlyList<string> close = CloseNames.Of(unknown, all.Select(feature => feature.Name));
            throw new UsageException($"exclude: the feature set '{set.Set}' has no feature '{unknown}'{(close.Count > 0 ? $" (close: {string.Join(", ", close)})" : "")}");
        }

        ImmutableArray<FeatureColumn> features = [.. all.Where(feature => !config.Exclude.Contains(feature.Name))];
        if (features.IsEmpty) throw new TableException(set.Set, "the feature set has no features to learn from");
        return new TrainingColumns(features, FeatureRoles.LabelOf(set), config.Weights ? FeatureRoles.WeightOf(set) : null);
    }

    /// <summary>What to read once the codes are known: features in order, label, weight.</summary>
    public FeatureSelection Select(CategoryMaps maps) => new(
        [.. Features.Select(feature => new SelectedNumber(feature.Name, maps.CodesOf(feature.Name))), new(Label), .. Weight is null ? [] : (SelectedNumber[])[new(Weight)]], []);
}
