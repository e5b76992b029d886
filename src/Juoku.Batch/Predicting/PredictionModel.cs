using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// All that turns a table's columns into predictions: the forest, the category codes of its features, and what calibrates its
/// probabilities. Shared by threads and parts.
/// </summary>
public sealed class PredictionModel
{
    private PredictionModel(ForestModel forest, CategoryCodes?[] categories, Calibration? calibration) =>
        (Forest, Categories, Calibration) = (forest, categories, calibration);

    /// <summary>The forest.</summary>
    public ForestModel Forest { get; }

    /// <summary>Category codes, one entry a feature; null where its values are plain numbers.</summary>
    internal CategoryCodes?[] Categories { get; }

    /// <summary>What is done to its probabilities; null for nothing.</summary>
    internal Calibration? Calibration { get; }

    /// <summary>Names of the score columns.</summary>
    internal IEnumerable<string> ScoreNames => Forest.OutputCount == 1
        ? ["prediction"]
        : Enumerable.Range(0, Forest.OutputCount).Select(output => $"prediction_{output}");

    /// <summary>Loads a model and the files beside it.</summary>
    /// <param name="path">The model text.</param>
    /// <param name="calibrate">Whether the calibration beside it is applied to its probabilities.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no model.</exception>
    /// <exception cref="TableException">The category map or the calibration cannot be read, or is another model's.</exception>
    public static PredictionModel Load(string path, bool calibrate = true)
    {
        if (!File.Exists(path)) throw new NotFoundException($"{path}: no such model file");
        var forest = ForestModel.Load(path);
        return new PredictionModel(forest, FeatureCategories.Load(forest, path), calibrate ? Calibration.LoadBeside(path, forest) : null);
    }

    /// <summary>Scores some rows. Raw scores are never calibrated.</summary>
    internal void Score(ReadOnlySpan<Column> columns, Span<double> scores, ScoreKind kind)
    {
        Forest.Score(columns, scores, kind);
        if (kind == ScoreKind.Prediction) Calibration?.Apply(scores);
    }
}
