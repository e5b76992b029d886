using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;
using Juoku.Forest.Reading;
using Juoku.Forest.Scoring;

namespace Juoku.Forest;

/// <summary>
/// A LightGBM model ready to score. Immutable and thread-safe: load it once and let every thread call it.
/// Raw scores equal LightGBM's own to the last bit.
/// </summary>
public sealed class ForestModel
{
    private readonly bool[] _used;
    private readonly BlockScorer? _blocks;
    private readonly PackedForest? _packed;
    private readonly ConcurrentBag<Workspace> _workspaces = [];

    private ForestModel(Ensemble ensemble, string digest, string kernelName)
    {
        Ensemble = ensemble;
        Digest = digest;
        KernelName = kernelName;
        _used = UsedFeatures(ensemble);
        if (KernelChoice.Create(kernelName) is not { } kernel) return;
        _packed = new PackedForest(ensemble, kernel);
        _blocks = new BlockScorer(_packed, kernel);
    }

    /// <summary>The model as its file describes it.</summary>
    public Ensemble Ensemble { get; }

    /// <summary>SHA-256 of the model text, 64 lower-case hexadecimal digits.</summary>
    public string Digest { get; }

    /// <summary>Name of the kernel that scores: the quickest this CPU has, or what <c>JUOKU_KERNEL</c> names.</summary>
    public string KernelName { get; }

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
    public static ForestModel Parse(ReadOnlySpan<byte> utf8, string source = "model") => Parse(utf8, source, KernelChoice.Default);

    internal static ForestModel Parse(ReadOnlySpan<byte> utf8, string source, string kernelName) =>
        new(ModelReader.Read(utf8, source), Convert.ToHexStringLower(SHA256.HashData(utf8)), kernelName);

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
        int rows = scores.Length / OutputCount;
        Check(columns, rows, scores.Length);
        if (_blocks is null)
        {
            ScoreByRow(columns, rows, scores);
        }
        else
        {
            if (!_workspaces.TryTake(out Workspace? workspace)) workspace = new Workspace(_packed!);
            for (int first = 0; first < rows; first += BitRows.BlockRows)
            {
                int count = Math.Min(BitRows.BlockRows, rows - first);
                _blocks.Score(columns, first, count, workspace, scores.Slice(first * OutputCount, count * OutputCount));
            }

            _workspaces.Add(workspace);
        }

        if (kind == ScoreKind.Prediction) OutputTransforms.Apply(Ensemble, scores);
    }

    /// <summary>Scores rows that lie one after another, <see cref="FeatureCount"/> values each.</summary>
    public void ScoreMatrix(ReadOnlySpan<double> rows, Span<double> scores, ScoreKind kind = ScoreKind.Prediction)
    {
        for (int i = 0; i < rows.Length / FeatureCount; i++)
            ScalarKernel.Score(Ensemble, rows.Slice(i * FeatureCount, FeatureCount), scores.Slice(i * OutputCount, OutputCount));
        if (kind == ScoreKind.Prediction) OutputTransforms.Apply(Ensemble, scores);
    }

    /// <summary>Scores one row, values by feature index; for models with one output.</summary>
    public double ScoreRow(ReadOnlySpan<double> row, ScoreKind kind = ScoreKind.Prediction)
    {
        Span<double> score = stackalloc double[1];
        ScoreMatrix(row, score, kind);
        return score[0];
    }

    private void ScoreByRow(ReadOnlySpan<Column> columns, int rows, Span<double> scores)
    {
        var row = new double[FeatureCount];
        for (int i = 0; i < rows; i++)
        {
            for (int feature = 0; feature < row.Length; feature++)
                if (_used[feature]) row[feature] = BlockReader.Value(columns[feature], i);
            ScalarKernel.Score(Ensemble, row, scores.Slice(i * OutputCount, OutputCount));
        }
    }

    private void Check(ReadOnlySpan<Column> columns, int rows, int scores)
    {
        if (columns.Length != FeatureCount)
            throw new ArgumentException($"The model has {FeatureCount} features, but {columns.Length} columns are given.", nameof(columns));
        if (rows * OutputCount != scores)
            throw new ArgumentException($"{scores} scores are no whole number of rows with {OutputCount} outputs.", nameof(scores));
        for (int feature = 0; feature < columns.Length; feature++)
        {
            if (_used[feature] && columns[feature].Length != rows)
                throw new ArgumentException($"Column {FeatureNames[feature]} has {columns[feature].Length} rows instead of {rows}.", nameof(columns));
        }
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
