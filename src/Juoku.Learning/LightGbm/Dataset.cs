namespace Juoku.Learning.LightGbm;

/// <summary>What a dataset says about its rows and features beside the values.</summary>
public sealed record DatasetOptions
{
    /// <summary>How the values lie in memory.</summary>
    public MatrixLayout Layout { get; init; } = MatrixLayout.RowMajor;

    /// <summary>One weight a row, or empty where all weigh the same.</summary>
    public ReadOnlyMemory<float> Weights { get; init; }

    /// <summary>One name a feature, or empty for LightGBM's own (<c>Column_0</c> …). LightGBM turns white space into underscores.</summary>
    public IReadOnlyList<string> FeatureNames { get; init; } = [];

    /// <summary>Indices of the categorical features: their values are codes ≥ 0, NaN where missing.</summary>
    public IReadOnlyList<int> CategoricalFeatures { get; init; } = [];

    /// <summary>Parameters of binning, such as <c>max_bin</c>; parameters of training may be among them.</summary>
    public Parameters Parameters { get; init; } = [];
}

/// <summary>Rows to train on, binned by LightGBM; the caller's values are not needed once it exists.</summary>
public sealed class Dataset : IDisposable
{
    private Dataset(DatasetHandle handle, int rowCount, int featureCount)
    {
        Handle = handle;
        RowCount = rowCount;
        FeatureCount = featureCount;
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Number of features.</summary>
    public int FeatureCount { get; }

    internal DatasetHandle Handle { get; }

    /// <summary>Bins a matrix of float or double values with one label a row.</summary>
    /// <param name="values">Rows × features values, NaN where missing, laid out as the options say.</param>
    /// <param name="featureCount">Number of features.</param>
    /// <param name="labels">One label a row: 0 or 1 for binary objectives, the class for multiclass ones, the target otherwise.</param>
    /// <param name="options">Weights, names, categorical features, parameters.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="LightGbmException">LightGBM refuses the data or a parameter.</exception>
    /// <exception cref="LightGbmUnavailableException">LightGBM's native library cannot be used here.</exception>
    public static unsafe Dataset Create<T>(ReadOnlySpan<T> values, int featureCount, ReadOnlySpan<float> labels, DatasetOptions? options = null)
        where T : unmanaged
    {
        options ??= new DatasetOptions();
        int rows = Matrix.RowsOf(values.Length, featureCount);
        Require(labels.Length == rows, $"{rows} rows need {rows} labels, not {labels.Length}.", nameof(labels));
        Require(options.Weights.IsEmpty || options.Weights.Length == rows, $"{rows} rows need {rows} weights, not {options.Weights.Length}.", nameof(options));
        Require(
            options.FeatureNames.Count == 0 || options.FeatureNames.Count == featureCount,
            $"{featureCount} features need {featureCount} names, not {options.FeatureNames.Count}.", nameof(options));
        foreach (int feature in options.CategoricalFeatures)
            Require((uint)feature < (uint)featureCount, $"Categorical feature {feature} is not among {featureCount} features.", nameof(options));

        Parameters parameters = options.Parameters.Copy();
        if (options.CategoricalFeatures.Count > 0) parameters["categorical_feature"] = string.Join(',', options.CategoricalFeatures);

        LightGbmLibrary.Enter();
        DatasetHandle handle;
        fixed (T* data = values)
        {
            int status = NativeMethods.DatasetCreateFromMat(
                data, Matrix.TypeOf<T>(), rows, featureCount, (int)options.Layout, parameters.ToString(), 0, out handle);
            LightGbmLibrary.Check(status, "LGBM_DatasetCreateFromMat");
        }

        var dataset = new Dataset(handle, rows, featureCount);
        try
        {
            dataset.SetField("label", labels);
            if (!options.Weights.IsEmpty) dataset.SetField("weight", options.Weights.Span);
            if (options.FeatureNames.Count > 0)
                LightGbmLibrary.Check(NativeMethods.DatasetSetFeatureNames(handle, [.. options.FeatureNames], featureCount), "LGBM_DatasetSetFeatureNames");
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private unsafe void SetField(string name, ReadOnlySpan<float> values)
    {
        fixed (float* data = values)
            LightGbmLibrary.Check(NativeMethods.DatasetSetField(Handle, name, data, values.Length, ElementType.Float32), $"LGBM_DatasetSetField({name})");
    }

    private static void Require(bool holds, string problem, string parameter)
    {
        if (!holds) throw new ArgumentException(problem, parameter);
    }
}
