using System.Buffers;
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
    // A block costs the same however few rows are in it; below this many, rows are quicker one by one.
    private const int LeastBlock = 32;

    private readonly bool[] _used;

    // Laid out when first needed: who scores rows one by one never pays for blocks, nor the other way round.
    private readonly Lazy<BlockScorer>? _blocks;
    private readonly Lazy<RowScorer> _rows;

    private ForestModel(Ensemble ensemble, string digest, string kernelName)
    {
        Ensemble = ensemble;
        Digest = digest;
        KernelName = kernelName;
        _used = ensemble.UsedFeatures();
        Kernel? kernel = KernelChoice.Create(kernelName);
        var numeric = new Lazy<NumericConditions>(() => new NumericConditions(ensemble.Trees));
        _blocks = kernel is null ? null : new Lazy<BlockScorer>(() => new BlockScorer(new PackedForest(ensemble, numeric.Value, kernel), kernel));
        _rows = new Lazy<RowScorer>(() =>
            kernel is null ? new DefinitionScorer(ensemble)
            : kernel.FindsLeaves && MaskForest.TryLay(ensemble, numeric) is { } masks ? new MaskScorer(masks, kernel)
            : new WalkScorer(ensemble));
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
    public static ForestModel Load(string path)
    {
        byte[] utf8 = File.ReadAllBytes(path);
        Task<string> digest = Task.Run(() => DigestOf(utf8));
        Ensemble ensemble = ModelReader.Read(utf8, path);
        return new ForestModel(ensemble, digest.GetAwaiter().GetResult(), KernelChoice.Default);
    }

    /// <summary>Reads a LightGBM text model from memory; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="ModelFormatException">The text is not a model this version can score exactly.</exception>
    public static ForestModel Parse(ReadOnlySpan<byte> utf8, string source = "model") => Parse(utf8, source, KernelChoice.Default);

    internal static ForestModel Parse(ReadOnlySpan<byte> utf8, string source, string kernelName) =>
        new(ModelReader.Read(utf8, source), DigestOf(utf8), kernelName);

    /// <summary>Whether any tree looks at the feature; a column that is not used may be <see cref="ColumnType.Absent"/>.</summary>
    public bool Uses(int feature) => _used[feature];

    /// <summary>Lays the model out for batches now; else the first batch does it. Worth calling while something else is being waited for.</summary>
    public void Prepare() => _ = _blocks?.Value;

    /// <summary>
    /// Scores a batch of rows given as one column a feature, in feature order.
    /// </summary>
    /// <param name="columns">One column a feature; all used ones of the same length.</param>
    /// <param name="scores">Receives rows × <see cref="OutputCount"/> scores, the outputs of a row side by side.</param>
    /// <param name="kind">Predictions or raw scores.</param>
    /// <exception cref="ArgumentException">Columns are missing or lengths do not agree.</exception>
    public void Score(ReadOnlySpan<Column> columns, Span<double> scores, ScoreKind kind = ScoreKind.Prediction)
    {
        int rows = RowsOf(scores);
        Check(columns, rows);
        for (int first = 0; first < rows; first += BitRows.BlockRows)
        {
            int count = Math.Min(BitRows.BlockRows, rows - first);
            Span<double> raw = scores.Slice(first * OutputCount, count * OutputCount);
            if (_blocks is not null && count >= LeastBlock) _blocks.Value.Score(columns, first, count, raw);
            else ScoreRows(columns, first, raw);
        }

        if (kind == ScoreKind.Prediction) OutputTransforms.Apply(Ensemble, scores);
    }

    /// <summary>Scores rows that lie one after another, <see cref="FeatureCount"/> values each, NaN = missing.</summary>
    /// <param name="rows">Rows × <see cref="FeatureCount"/> values.</param>
    /// <param name="scores">Receives rows × <see cref="OutputCount"/> scores, the outputs of a row side by side.</param>
    /// <param name="kind">Predictions or raw scores.</param>
    /// <exception cref="ArgumentException">Lengths do not agree.</exception>
    public void ScoreMatrix(ReadOnlySpan<double> rows, Span<double> scores, ScoreKind kind = ScoreKind.Prediction)
    {
        int count = RowsOf(scores);
        if (rows.Length != count * FeatureCount)
            throw new ArgumentException($"{count} rows of {FeatureCount} features are {count * FeatureCount} values, not {rows.Length}.", nameof(rows));

        for (int first = 0, size; first < count; first += size)
        {
            size = Math.Min(BitRows.BlockRows, count - first);
            ReadOnlySpan<double> block = rows.Slice(first * FeatureCount, size * FeatureCount);
            Span<double> raw = scores.Slice(first * OutputCount, size * OutputCount);
            if (_blocks is not null && size >= LeastBlock) _blocks.Value.ScoreMatrix(block, raw);
            else for (int i = 0; i < size; i++) _rows.Value.Score(block.Slice(i * FeatureCount, FeatureCount), raw.Slice(i * OutputCount, OutputCount));
        }

        if (kind == ScoreKind.Prediction) OutputTransforms.Apply(Ensemble, scores);
    }

    /// <summary>Scores one row, values by feature index, NaN = missing; for models with one output.</summary>
    /// <exception cref="ArgumentException">The row has not <see cref="FeatureCount"/> values, or the model several outputs.</exception>
    public double ScoreRow(ReadOnlySpan<double> row, ScoreKind kind = ScoreKind.Prediction)
    {
        if (OutputCount != 1) throw new ArgumentException($"The model has {OutputCount} outputs a row: call the overload that takes a span for them.");
        double score = 0;
        ScoreRow(row, new Span<double>(ref score), kind);
        return score;
    }

    /// <summary>Scores one row, values by feature index, NaN = missing.</summary>
    /// <param name="row"><see cref="FeatureCount"/> values.</param>
    /// <param name="scores">Receives <see cref="OutputCount"/> scores.</param>
    /// <param name="kind">Predictions or raw scores.</param>
    /// <exception cref="ArgumentException">Lengths do not agree.</exception>
    public void ScoreRow(ReadOnlySpan<double> row, Span<double> scores, ScoreKind kind = ScoreKind.Prediction)
    {
        if (row.Length != FeatureCount) throw new ArgumentException($"A row has {FeatureCount} values, not {row.Length}.", nameof(row));
        if (scores.Length != OutputCount) throw new ArgumentException($"A row has {OutputCount} scores, not {scores.Length}.", nameof(scores));
        _rows.Value.Score(row, scores);
        if (kind == ScoreKind.Prediction) OutputTransforms.Apply(Ensemble, scores);
    }

    private void ScoreRows(ReadOnlySpan<Column> columns, int first, Span<double> raw)
    {
        double[] values = ArrayPool<double>.Shared.Rent(FeatureCount);
        Span<double> row = values.AsSpan(0, FeatureCount);
        for (int i = 0; i < raw.Length / OutputCount; i++)
        {
            for (int feature = 0; feature < row.Length; feature++)
                row[feature] = _used[feature] ? BlockReader.Value(columns[feature], first + i) : 0;
            _rows.Value.Score(row, raw.Slice(i * OutputCount, OutputCount));
        }

        ArrayPool<double>.Shared.Return(values);
    }

    private static string DigestOf(ReadOnlySpan<byte> utf8) => Convert.ToHexStringLower(SHA256.HashData(utf8));

    private int RowsOf(Span<double> scores) => scores.Length % OutputCount == 0
        ? scores.Length / OutputCount
        : throw new ArgumentException($"{scores.Length} scores are no whole number of rows with {OutputCount} outputs.", nameof(scores));

    private void Check(ReadOnlySpan<Column> columns, int rows)
    {
        if (columns.Length != FeatureCount)
            throw new ArgumentException($"The model has {FeatureCount} features, but {columns.Length} columns are given.", nameof(columns));
        for (int feature = 0; feature < columns.Length; feature++)
        {
            if (_used[feature] && columns[feature].Length != rows)
                throw new ArgumentException($"Column {FeatureNames[feature]} has {columns[feature].Length} rows instead of {rows}.", nameof(columns));
        }
    }
}
