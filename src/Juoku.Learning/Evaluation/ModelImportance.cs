using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Juoku.Learning.Evaluation;

/// <summary>What a feature contributed to a model.</summary>
/// <param name="Name">The feature.</param>
/// <param name="Gain">Sum of the gains of its splits.</param>
/// <param name="Splits">Number of its splits.</param>
public sealed record FeatureImportance(string Name, double Gain, int Splits);

/// <summary>Adds importance up from the model text, as LightGBM does; no native library is needed for it.</summary>
public static class ModelImportance
{
    /// <summary>All features, the most important by gain first.</summary>
    /// <param name="model">A model text that has been read without complaint.</param>
    /// <param name="features">The model's features.</param>
    public static ImmutableArray<FeatureImportance> Of(ReadOnlySpan<byte> model, ImmutableArray<string> features)
    {
        var gains = new double[features.Length];
        var splits = new int[features.Length];
        string[] splitFeatures = [];
        foreach (ReadOnlySpan<char> line in Encoding.UTF8.GetString(model).AsSpan().EnumerateLines())
        {
            if (line.StartsWith("split_feature=")) splitFeatures = Words(line["split_feature=".Length..]);
            if (!line.StartsWith("split_gain=")) continue;
            string[] splitGains = Words(line["split_gain=".Length..]);
            for (int i = 0; i < Math.Min(splitFeatures.Length, splitGains.Length); i++)
            {
                int feature = int.Parse(splitFeatures[i], CultureInfo.InvariantCulture);
                splits[feature]++;
                gains[feature] += double.Parse(splitGains[i], CultureInfo.InvariantCulture);
            }
        }

        return
        [
            .. features.Select((name, f) => new FeatureImportance(name, gains[f], splits[f]))
                .OrderByDescending(feature => feature.Gain).ThenBy(feature => feature.Name, StringComparer.Ordinal),
        ];
    }

    private static string[] Words(ReadOnlySpan<char> text) => text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
