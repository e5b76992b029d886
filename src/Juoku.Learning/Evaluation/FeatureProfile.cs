using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Batch.Tables;

namespace Juoku.Learning.Evaluation;

/// <summary>
/// How the features of a model were distributed when it was trained: <c>model.profile.json</c>. Drift is measured against it, so that the
/// training data need not be there any more.
/// </summary>
/// <param name="Features">One entry a feature, in the model's order.</param>
public sealed record FeatureProfile(ImmutableArray<FeatureShares> Features)
{
    /// <summary>Name of the file beside <c>model.txt</c>.</summary>
    public const string FileName = "model.profile.json";

    private const int Quantiles = 10;
    private const int MostCategories = 20;

    private static readonly ProfileJson Json = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NewLine = "\n" });

    /// <summary>Profiles a sample of rows.</summary>
    /// <param name="names">Features.</param>
    /// <param name="categories">Number of categories of each feature; 0 for numbers.</param>
    /// <param name="values">Rows × features, NaN where missing.</param>
    /// <param name="weights">One weight a row.</param>
    public static FeatureProfile Of(IReadOnlyList<string> names, IReadOnlyList<int> categories, ReadOnlySpan<double> values, ReadOnlySpan<float> weights)
    {
        var features = ImmutableArray.CreateBuilder<FeatureShares>();
        var column = new double[weights.Length];
        for (int f = 0; f < names.Count; f++)
        {
            for (int row = 0; row < column.Length; row++) column[row] = values[row * names.Count + f];
            ImmutableArray<double> edges = categories[f] > 0 ? CategoryEdges(categories[f]) : NumberEdges(column);
            var shares = new FeatureShares(names[f], categories[f] > 0, edges, []);
            var counter = new ShareCounter(shares);
            for (int row = 0; row < column.Length; row++) counter.Add(column[row], weights[row]);
            features.Add(shares with { Shares = counter.Shares() });
        }

        return new FeatureProfile(features.ToImmutable());
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="TableException">It is damaged.</exception>
    public static FeatureProfile Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Json.FeatureProfile) ?? throw new JsonException("it says null");
        }
        catch (JsonException e)
        {
            throw new TableException(name, $"not a feature profile ({e.Message}); evaluate without it by removing it", e);
        }
    }

    /// <summary>The content of the file.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json.FeatureProfile), (byte)'\n'];

    /// <summary>Each of the first codes is a bin of its own, the others share one.</summary>
    private static ImmutableArray<double> CategoryEdges(int count) => [.. Enumerable.Range(0, Math.Min(count, MostCategories)).Select(code => (double)code)];

    private static ImmutableArray<double> NumberEdges(double[] column)
    {
        double[] sorted = [.. column.Where(value => !double.IsNaN(value)).Order()];
        if (sorted.Length == 0) return [];
        return [.. Enumerable.Range(1, Quantiles - 1).Select(q => sorted[(int)((long)q * sorted.Length / Quantiles)]).Distinct()];
    }
}

/// <summary>How a feature was distributed.</summary>
/// <param name="Name">The feature.</param>
/// <param name="IsCategorical">Whether its values are codes.</param>
/// <param name="Edges">Upper ends of all bins but the last.</param>
/// <param name="Shares">Share of each bin; last the share of missing values.</param>
public sealed record FeatureShares(string Name, bool IsCategorical, ImmutableArray<double> Edges, ImmutableArray<double> Shares);

/// <summary>Counts values by the bins of a profile.</summary>
public sealed class ShareCounter(FeatureShares feature)
{
    private readonly double[] _weights = new double[feature.Edges.Length + 2];

    /// <summary>Counts a value.</summary>
    public void Add(double value, double weight) => _weights[Bin(value)] += weight;

    /// <summary>Share of each bin; last that of missing values.</summary>
    public ImmutableArray<double> Shares()
    {
        double total = _weights.Sum();
        return [.. _weights.Select(weight => total > 0 ? weight / total : 0)];
    }

    private int Bin(double value)
    {
        if (double.IsNaN(value)) return _weights.Length - 1;
        int at = feature.Edges.AsSpan().BinarySearch(value);
        return at >= 0 ? at : ~at;
    }
}

[JsonSerializable(typeof(FeatureProfile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
