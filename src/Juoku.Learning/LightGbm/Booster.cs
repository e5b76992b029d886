using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Juoku.Forest;

namespace Juoku.Learning.LightGbm;

/// <summary>A LightGBM model in LightGBM's own hands: trained here or loaded, saved, and asked for predictions.</summary>
public sealed class Booster : IDisposable
{
    private const int AllIterations = -1;

    private readonly BoosterHandle _handle;

    private Booster(BoosterHandle handle)
    {
        _handle = handle;
        LightGbmLibrary.Check(NativeMethods.BoosterGetNumClasses(handle, out int classes), "LGBM_BoosterGetNumClasses");
        LightGbmLibrary.Check(NativeMethods.BoosterGetNumFeature(handle, out int features), "LGBM_BoosterGetNumFeature");
        OutputCount = classes;
        FeatureCount = features;
    }

    /// <summary>Scores a row gets: 1, or the number of classes.</summary>
    public int OutputCount { get; }

    /// <summary>Number of features a row has.</summary>
    public int FeatureCount { get; }

    /// <summary>Number of trees: iterations × <see cref="OutputCount"/>.</summary>
    public int TreeCount
    {
        get
        {
            LightGbmLibrary.Enter();
            LightGbmLibrary.Check(NativeMethods.BoosterNumberOfTotalModel(_handle, out int trees), "LGBM_BoosterNumberOfTotalModel");
            return trees;
        }
    }

    /// <summary>Trains a model; ends early when no further split improves it.</summary>
    /// <param name="data">Rows to learn from.</param>
    /// <param name="parameters">Training parameters; without <c>objective</c> LightGBM regresses.</param>
    /// <param name="iterations">Number of boosting iterations.</param>
    /// <param name="progress">Told how many iterations are done, after each.</param>
    /// <param name="cancel">Stops between iterations.</param>
    /// <exception cref="LightGbmException">LightGBM refuses a parameter or the data.</exception>
    public static Booster Train(Dataset data, Parameters parameters, int iterations, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iterations);
        Booster booster = Begin(data, parameters);
        try
        {
            for (int i = 1; i <= iterations; i++)
            {
                cancel.ThrowIfCancellationRequested();
                bool grew = booster.Update();
                progress?.Report(i);
                if (!grew) break;
            }

            // The booster reads the dataset's bins through a pointer of its own.
            GC.KeepAlive(data);
            return booster;
        }
        catch
        {
            booster.Dispose();
            throw;
        }
    }

    /// <summary>Begins a training that the caller drives with <see cref="Update"/>; the datasets must outlive it.</summary>
    /// <param name="data">Rows to learn from; with initial scores where a parent is continued.</param>
    /// <param name="parameters">Training parameters.</param>
    /// <param name="parent">Model whose trees come first: its raw scores must be the initial scores of <paramref name="data"/>.</param>
    /// <exception cref="LightGbmException">LightGBM refuses a parameter or the data.</exception>
    public static Booster Begin(Dataset data, Parameters parameters, Booster? parent = null)
    {
        LightGbmLibrary.Enter();
        Booster booster = Own(NativeMethods.BoosterCreate(data.Handle, parameters.ToString(), out BoosterHandle handle), handle, "LGBM_BoosterCreate");
        try
        {
            if (parent is not null) LightGbmLibrary.Check(NativeMethods.BoosterMerge(handle, parent._handle), "LGBM_BoosterMerge");
            return booster;
        }
        catch
        {
            booster.Dispose();
            throw;
        }
    }

    /// <summary>Adds rows to measure on while training, binned like the training data.</summary>
    /// <exception cref="LightGbmException">The bins differ.</exception>
    public void AddValidation(Dataset data)
    {
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.BoosterAddValidData(_handle, data.Handle), "LGBM_BoosterAddValidData");
    }

    /// <summary>Runs one iteration.</summary>
    /// <returns>False when no split improves the model any more.</returns>
    public bool Update()
    {
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.BoosterUpdateOneIter(_handle, out int producedEmptyTree), "LGBM_BoosterUpdateOneIter");
        return producedEmptyTree == 0;
    }

    /// <summary>Names of the metrics that <see cref="Measure"/> gives, such as <c>binary_logloss</c>.</summary>
    public unsafe ImmutableArray<string> Metrics()
    {
        const int Longest = 256;
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.BoosterGetEvalCounts(_handle, out int count), "LGBM_BoosterGetEvalCounts");
        if (count == 0) return [];
        var text = new byte[count * Longest];
        fixed (byte* start = text)
        {
            byte** names = stackalloc byte*[count];
            for (int i = 0; i < count; i++) names[i] = start + i * Longest;
            LightGbmLibrary.Check(NativeMethods.BoosterGetEvalNames(_handle, count, out _, Longest, out _, names), "LGBM_BoosterGetEvalNames");
        }

        return [.. Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetString(text.AsSpan(i * Longest, Longest)).TrimEnd('\0'))];
    }

    /// <summary>The metrics as they are after the last iteration.</summary>
    /// <param name="data">0 for the training rows, 1 for the first rows added to validate on, and so on.</param>
    public unsafe ImmutableArray<double> Measure(int data)
    {
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.BoosterGetEvalCounts(_handle, out int count), "LGBM_BoosterGetEvalCounts");
        var results = new double[count];
        fixed (double* start = results) LightGbmLibrary.Check(NativeMethods.BoosterGetEval(_handle, data, out _, start), "LGBM_BoosterGetEval");
        return [.. results];
    }

    /// <summary>What each feature contributed, by feature.</summary>
    public unsafe ImmutableArray<double> Importance(ImportanceKind kind)
    {
        LightGbmLibrary.Enter();
        var results = new double[FeatureCount];
        fixed (double* start = results)
            LightGbmLibrary.Check(NativeMethods.BoosterFeatureImportance(_handle, AllIterations, (int)kind, start), "LGBM_BoosterFeatureImportance");
        return [.. results];
    }

    /// <summary>Loads a model file.</summary>
    /// <exception cref="LightGbmException">LightGBM cannot read it.</exception>
    public static Booster Load(string path)
    {
        LightGbmLibrary.Enter();
        return Own(NativeMethods.BoosterCreateFromModelfile(path, out _, out BoosterHandle handle), handle, "LGBM_BoosterCreateFromModelfile");
    }

    /// <summary>Loads a model from its text.</summary>
    /// <exception cref="LightGbmException">LightGBM cannot read it.</exception>
    public static Booster Parse(string model)
    {
        LightGbmLibrary.Enter();
        return Own(NativeMethods.BoosterLoadModelFromString(model, out _, out BoosterHandle handle), handle, "LGBM_BoosterLoadModelFromString");
    }

    /// <summary>Writes the model file.</summary>
    /// <exception cref="LightGbmException">LightGBM cannot write it.</exception>
    public void Save(string path)
    {
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.BoosterSaveModel(_handle, 0, AllIterations, 0, path), "LGBM_BoosterSaveModel");
    }

    /// <summary>The text that <see cref="Save"/> would write.</summary>
    /// <param name="iterations">How many iterations to keep, a parent's among them; null for all.</param>
    public unsafe string ToModelText(int? iterations = null)
    {
        int kept = iterations ?? AllIterations;
        LightGbmLibrary.Enter();
        byte[] text = [];
        while (true)
        {
            long length;
            fixed (byte* start = text)
                LightGbmLibrary.Check(NativeMethods.BoosterSaveModelToString(_handle, 0, kept, 0, text.Length, out length, start), "LGBM_BoosterSaveModelToString");
            if (length <= text.Length) return Encoding.UTF8.GetString(text, 0, checked((int)length) - 1);
            text = new byte[length];
        }
    }

    /// <summary>Scores a matrix of float or double values.</summary>
    /// <param name="values">Rows × <see cref="FeatureCount"/> values, NaN where missing.</param>
    /// <param name="scores">Receives rows × <see cref="OutputCount"/> scores, the outputs of a row side by side.</param>
    /// <param name="kind">Predictions or raw scores.</param>
    /// <param name="threads">Threads LightGBM may use; 0 for all cores.</param>
    /// <param name="layout">How the values lie in memory.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public unsafe void Predict<T>(
        ReadOnlySpan<T> values, Span<double> scores, ScoreKind kind = ScoreKind.Prediction, int threads = 1, MatrixLayout layout = MatrixLayout.RowMajor)
        where T : unmanaged
    {
        int rows = Matrix.RowsOf(values.Length, FeatureCount);
        if (scores.Length != rows * OutputCount)
            throw new ArgumentException($"{rows} rows get {rows * OutputCount} scores; there is room for {scores.Length}.", nameof(scores));

        LightGbmLibrary.Enter();
        fixed (T* data = values)
        {
            fixed (double* output = scores)
            {
                int status = NativeMethods.BoosterPredictForMat(
                    _handle, data, Matrix.TypeOf<T>(), rows, FeatureCount, (int)layout, NativeKind(kind), 0, AllIterations, PredictParameters(threads), out _, output);
                LightGbmLibrary.Check(status, "LGBM_BoosterPredictForMat");
            }
        }
    }

    /// <summary>Prepares LightGBM's quickest way to score one row at a time; the booster must outlive it.</summary>
    public RowScorer CreateRowScorer(ScoreKind kind = ScoreKind.Prediction)
    {
        LightGbmLibrary.Enter();
        int status = NativeMethods.SingleRowFastInit(
            _handle, NativeKind(kind), 0, AllIterations, ElementType.Float64, FeatureCount, PredictParameters(threads: 1), out RowScorerHandle scorer);
        if (status != 0) scorer.Dispose();
        LightGbmLibrary.Check(status, "LGBM_BoosterPredictForMatSingleRowFastInit");
        return new RowScorer(this, scorer);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static Booster Own(int status, BoosterHandle handle, string call)
    {
        try
        {
            LightGbmLibrary.Check(status, call);
            return new Booster(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static int NativeKind(ScoreKind kind) => kind == ScoreKind.Raw ? 1 : 0;

    private static string PredictParameters(int threads) => string.Create(CultureInfo.InvariantCulture, $"num_threads={threads} verbosity=-1");
}

/// <summary>How the importance of a feature is counted.</summary>
public enum ImportanceKind
{
    /// <summary>Number of splits that use it.</summary>
    Splits = 0,

    /// <summary>Sum of the gains of these splits.</summary>
    Gain = 1,
}
