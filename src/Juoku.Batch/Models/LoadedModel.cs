using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Models;

/// <summary>A model in memory, ready to score.</summary>
/// <param name="Path">Its <c>model.txt</c>; other files of the model lie beside it.</param>
/// <param name="Forest">The trees.</param>
/// <param name="Categories">Category codes, one entry a feature; null where a feature's values are numbers.</param>
/// <param name="Calibration">What is done to its probabilities after scoring; null for nothing.</param>
public sealed record LoadedModel(string Path, ForestModel Forest, CategoryCodes?[] Categories, Calibration? Calibration = null)
{
    /// <summary>Loads a model, and the categories and the calibration beside it.</summary>
    /// <exception cref="ModelFormatException">The model cannot be scored exactly.</exception>
    /// <exception cref="TableException">The category file or the calibration cannot be read, or does not fit the model.</exception>
    public static LoadedModel Load(string path)
    {
        ForestModel forest = ForestModel.Load(path);
        return new LoadedModel(path, forest, FeatureCategories.Load(forest, path), Predicting.Calibration.LoadBeside(path, forest));
    }
}
