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
        LightGbmLibrary.Enter();
        Booster booster = Own(NativeMethods.BoosterCreate(data.Handle, parameters.ToString(), out BoosterHandle handle), handle, "LGBM_BoosterCreate");
        try
        {
            for (int i = 1; i <= iterations; i++)
            {
                cancel.ThrowIfCancellationRequested();
                LightGbmLibrary.Check(NativeMethods.BoosterUpdateOneIter(handle, out int producedEmptyTree), "LGBM_BoosterUpdateOneIter");
                progress?.Report(i);
                if (producedEmptyTree != 0) break;
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
    public unsafe string ToModelText()
    {
        LightGbmLibrary.Enter();
        byte[] text = [];
        while (true)
        {
            long length;
            fixed (byte* start = text)
                LightGbmLibrary.Check(NativeMethods.BoosterSaveModelToString(_handle, 0, AllIterations, 0, text.Length, out length, start), "LGBM_BoosterSaveModelToString");
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
