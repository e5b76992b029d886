using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Models;

/// <summary>A model in memory, ready to score.</summary>
/// <param name="Path">Its <c>model.txt</c>; other files of the model lie beside it.</param>
/// <param name="Forest">The trees.</param>
/// <param name="Categories">Category codes, one entry a feature; null where a feature's values are numbers.</param>
public sealed record LoadedModel(string Path, ForestModel Forest, CategoryCodes?[] Categories)
{
    /// <summary>Loads a model and the categories beside it.</summary>
    /// <exception cref="ModelFormatException">The model cannot be scored exactly.</exception>
    /// <exception cref="TableException">The category file cannot be read, or does not fit the model.</exception>
    public static LoadedModel Load(string path)
    {
        ForestModel forest = ForestModel.Load(path);
        return new LoadedModel(path, forest, FeatureCategories.Load(forest, path));
    }
}
