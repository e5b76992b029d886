using System.Collections.Immutable;
using System.Security.Cryptography;
using Juoku.Forest.Kernels;
using Juoku.Forest.Reading;

namespace Juoku.Forest;

/// <summary>
/// A LightGBM model ready to score. Immutable and thread-safe: load it once and let every thread call it.
/// Raw scores equal LightGBM's own to the last bit.
/// </summary>
public sealed class ForestModel
{
    private readonly bool[] _used;

    private ForestModel(Ensemble ensemble, string digest)
    {
        Ensemble = ensemble;
        Digest = digest;
        _used = UsedFeatures(ensemble);
    }

    /// <summary>The model as its file describes it.</summary>
    public Ensemble Ensemble { get; }

    /// <summary>SHA-256 of the model text, 64 lower-case hexadecimal digits.</summary>
    public string Digest { get; }

    /// <summary>Feature names by feature index.</summary>
    public ImmutableArray<string> FeatureNames => Ensemble.FeatureNames;

    /// <summary>Number of features a row has.</summary>
    public int FeatureCount => Ensemble.FeatureNames.Length;

    /// <summary>Scores a row gets: 1, or the number of classes.</summary>
    public int OutputCount => Ensemble.OutputCount;

    /// <summary>Reads a LightGBM text model from a file.</summary>
    /// <exception cref="ModelFormatException">The file is not a model this version can score exactly.</exception>
    public static ForestModel Load(string path) => Parse(File.ReadAllBytes(path), path);

    /// <summary>Reads a LightGBM text model from memory; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="ModelFormatException">The text is not a model this version can score exactly.</exception>
    public static ForestModel Parse(ReadOnlySpan<byte> utf8, string source = "model") =>
        new(ModelReader.Read(utf8, source), Convert.ToHexStringLower(SHA256.HashData(utf8)));

    /// <summary>Whether any tree looks at the feature; a column that is not used may be <see cref="ColumnType.Absent"/>.</summary>
    public bool Uses(int feature) => _used[feature];

    /// <summary>
    /// Scores a batch of rows given as one column a feature, in feature order.
    /// </summary>
    /// <param name="columns">One column a feature; all used ones of the same length.</param>
    /// <param name="scores">Receives rows × <see cref="OutputCount"/> scores, the outputs of a row side by side.</param>
    /// <param name="kind">Predictions or raw scores.</param>
    public void Score(ReadOnlySpan<Column> columns, Span<double> scores, ScoreKind kind = ScoreKind.Prediction)
    {
        throw new NotSupportedException();
    }

    /// <summary>Scores rows that lie one after another, <see cref="FeatureCount"/> values each.</summary>
    public void ScoreMatrix(ReadOnlySpan<double> rows, Span<double> scores, ScoreKind kind = ScoreKind.Prediction)
    {
        for (int i = 0; i < rows.Length / FeatureCount; i++)
            ScalarKernel.Score(Ensemble, rows.Slice(i * FeatureCount, FeatureCount), scores.Slice(i * OutputCount, OutputCount));
    }

    /// <summary>Scores one row, values by feature index; for models with one output.</summary>
    public double ScoreRow(ReadOnlySpan<double> row, ScoreKind kind = ScoreKind.Prediction)
    {
        Span<double> score = stackalloc double[1];
        ScoreMatrix(row, score, kind);
        return score[0];
    }

    private static bool[] UsedFeatures(Ensemble ensemble)
    {
        var used = new bool[ensemble.FeatureNames.Length];
        foreach (Tree tree in ensemble.Trees)
        {
            foreach (int feature in tree.SplitFeature) used[feature] = true;
            foreach (LinearLeaf leaf in tree.LinearLeaves)
                foreach (int feature in leaf.Features) used[feature] = true;
        }

        return used;
    }
}
