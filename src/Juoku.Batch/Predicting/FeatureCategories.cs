using System.Text.Json;
using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// The category codes of a model's features: from the file <c>model.categories.json</c> that lies beside <c>model.txt</c>
/// (<c>{"feature": ["value of code 0", "value of code 1", …]}</c>), else from <c>pandas_categorical</c> in the model itself.
/// </summary>
public static class FeatureCategories
{
    /// <summary>Where the category file of a model lies.</summary>
    public static string PathBeside(string modelPath) => Path.ChangeExtension(modelPath, ".categories.json");

    /// <summary>One entry a feature; null where the feature's values are plain numbers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="modelPath">Where it was read from.</param>
    /// <param name="categoriesPath">Its category file, which need not exist; the one beside it when null.</param>
    /// <exception cref="TableException">The file cannot be read, or does not fit the model.</exception>
    public static CategoryCodes?[] Load(ForestModel model, string modelPath, string? categoriesPath = null)
    {
        var codes = new CategoryCodes?[model.FeatureCount];
        string path = categoriesPath ?? PathBeside(modelPath);
        AddPandas(model, modelPath, path, codes);
        if (File.Exists(path)) AddFile(model, path, codes);
        return codes;
    }

    private static void AddPandas(ForestModel model, string modelPath, string categoriesPath, CategoryCodes?[] codes)
    {
        foreach (CategoryMap map in model.Ensemble.CategoryMaps)
        {
            if (map.Feature is { } feature)
                codes[feature] = new CategoryCodes(map.Values);
            else if (!File.Exists(categoriesPath))
                throw new TableException(modelPath, $"pandas_categorical lists {model.Ensemble.CategoryMaps.Length} columns without telling which features they are; say it in {Path.GetFileName(categoriesPath)}, or write {{}} there if the tables hold codes");
        }
    }

    private static void AddFile(ForestModel model, string path, CategoryCodes?[] codes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty feature in document.RootElement.EnumerateObject())
            {
                int index = model.FeatureNames.IndexOf(feature.Name);
                if (index < 0)
                {
                    IReadOnlyList<string> close = CloseNames.Of(feature.Name, model.FeatureNames);
                    throw new TableException(path, $"the model has no feature '{feature.Name}'{(close.Count > 0 ? $" (close: {string.Join(", ", close)})" : "")}; is this the file of another model?");
                }

                codes[index] = new CategoryCodes([.. feature.Value.EnumerateArray().Select(value => Text(value, path, feature.Name))]);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TableException(path, $"not a category file ({e.Message}); it must look like {{\"feature\": [\"value of code 0\", \"value of code 1\"]}}", e);
        }
    }

    private static string Text(JsonElement value, string path, string feature) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new TableException(path, $"feature '{feature}': a category must be a string, a number or a boolean, not {value.ValueKind.ToString().ToLowerInvariant()}"),
    };
}
