using System.Collections.Immutable;

namespace Juoku.Forest;

/// <summary>A LightGBM model as its file describes it: trees in the order of summation and what turns their sums into predictions.</summary>
public sealed record Ensemble
{
    /// <summary>Trees in file order; tree <c>i</c> adds to output <c>i % OutputCount</c>.</summary>
    public required ImmutableArray<Tree> Trees { get; init; }

    /// <summary>Feature names by feature index.</summary>
    public required ImmutableArray<string> FeatureNames { get; init; }

    /// <summary>Outputs a row: 1, or the number of classes.</summary>
    public int OutputCount { get; init; } = 1;

    /// <summary>How raw scores become predictions.</summary>
    public Objective Objective { get; init; } = Objective.Identity;

    /// <summary>Predictions divide the sum by the number of iterations (random forest). Raw scores stay sums, as in LightGBM.</summary>
    public bool AveragesOutput { get; init; }

    /// <summary>Values of each pandas categorical column, in column order; empty when the model has none.</summary>
    public ImmutableArray<CategoryMap> CategoryMaps { get; init; } = [];

    /// <summary>Values of a categorical feature; null when the model has none for it, or does not tell for which feature it has them.</summary>
    public CategoryMap? CategoryMapOf(int feature)
    {
        foreach (CategoryMap map in CategoryMaps)
            if (map.Feature == feature) return map;
        return null;
    }

    /// <summary>By feature, whether any split or linear leaf looks at it.</summary>
    public bool[] UsedFeatures()
    {
        var used = new bool[FeatureNames.Length];
        foreach (Tree tree in Trees)
        {
            foreach (int feature in tree.SplitFeature) used[feature] = true;
            foreach (LinearLeaf leaf in tree.LinearLeaves)
                foreach (int feature in leaf.Features) used[feature] = true;
        }

        return used;
    }

    /// <summary>Iterations: trees per output.</summary>
    public int IterationCount => Trees.Length / OutputCount;
}
