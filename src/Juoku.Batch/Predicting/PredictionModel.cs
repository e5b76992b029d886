using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>All that turns a table's columns into predictions: the forest and the category codes of its features. Shared by threads and parts.</summary>
public sealed class PredictionModel
{
    private PredictionModel(ForestModel forest, CategoryCodes?[] categories) => (Forest, Categories) = (forest, categories);

    /// <summary>The forest.</summary>
    public ForestModel Forest { get; }

    /// <summary>Category codes, one entry a feature; null where its values are plain numbers.</summary>
    internal CategoryCodes?[] Categories { get; }

    /// <summary>Names of the score columns.</summary>
    internal IEnumerable<string> ScoreNames => Forest.OutputCount == 1
        ? ["prediction"]
        : Enumerable.Range(0, Forest.OutputCount).Select(output => $"prediction_{output}");

    /// <summary>Loads a model and the files beside it.</summary>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no model.</exception>
    /// <exception cref="TableException">The category map cannot be read, or is another model's.</exception>
    public static PredictionModel Load(string path)
    {
        if (!File.Exists(path)) throw new NotFoundException($"{path}: no such model file");
        var forest = ForestModel.Load(path);
        return new PredictionModel(forest, FeatureCategories.Load(forest, path));
    }

    /// <summary>Scores some rows. What recalibrates predictions goes here, after the forest.</summary>
    internal void Score(ReadOnlySpan<Column> columns, Span<double> scores, ScoreKind kind) => Forest.Score(columns, scores, kind);
}
