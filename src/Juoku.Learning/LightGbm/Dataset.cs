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
        Parameters parameters = BinningParameters(featureCount, options);

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
            dataset.SetLabels(labels);
            if (!options.Weights.IsEmpty) dataset.SetWeights(options.Weights.Span);
            dataset.SetNames(options.FeatureNames);
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a dataset that gets its rows by <see cref="Push"/>, so that nobody has to hold all of them: LightGBM keeps the bins of a value,
    /// mostly a byte. Weights among the options are ignored; they come with <see cref="SetWeights"/>.
    /// </summary>
    /// <param name="sample">Rows to derive the bins from.</param>
    /// <param name="options">Names, categorical features, parameters.</param>
    /// <exception cref="LightGbmException">LightGBM refuses the data or a parameter.</exception>
    public static Dataset CreateEmpty(BinningSample sample, DatasetOptions options)
    {
        LightGbmLibrary.Enter();
        DatasetHandle handle = sample.CreateDataset(BinningParameters(sample.FeatureCount, options));
        var dataset = new Dataset(handle, checked((int)sample.RowCount), sample.FeatureCount);
        try
        {
            dataset.SetNames(options.FeatureNames);
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <summary>Makes a dataset with the bins of this one, which must outlive it: rows to validate on.</summary>
    /// <exception cref="LightGbmException">LightGBM cannot make it.</exception>
    public Dataset CreateEmptyLike(int rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.DatasetCreateByReference(Handle, rowCount, out DatasetHandle handle), "LGBM_DatasetCreateByReference");
        return new Dataset(handle, rowCount, FeatureCount);
    }

    /// <summary>Puts rows in their place; the dataset is complete when the last of its rows has been pushed, which must be in the last call.</summary>
    /// <param name="values">Rows × features values, row by row, NaN where missing.</param>
    /// <param name="startRow">Place of the first of them.</param>
    public unsafe void Push<T>(ReadOnlySpan<T> values, int startRow)
        where T : unmanaged
    {
        int rows = Matrix.RowsOf(values.Length, FeatureCount);
        Require(startRow >= 0 && startRow + rows <= RowCount, $"Rows {startRow} to {startRow + rows} are not among {RowCount}.", nameof(startRow));
        LightGbmLibrary.Enter();
        fixed (T* data = values)
            LightGbmLibrary.Check(NativeMethods.DatasetPushRows(Handle, data, Matrix.TypeOf<T>(), rows, FeatureCount, startRow), "LGBM_DatasetPushRows");
    }

    /// <summary>Sets the label of every row.</summary>
    public unsafe void SetLabels(ReadOnlySpan<float> labels)
    {
        fixed (float* data = labels) SetField("label", data, labels.Length, ElementType.Float32);
    }

    /// <summary>Sets the weight of every row.</summary>
    public unsafe void SetWeights(ReadOnlySpan<float> weights)
    {
        fixed (float* data = weights) SetField("weight", data, weights.Length, ElementType.Float32);
    }

    /// <summary>Sets the raw score that training starts from, one a row.</summary>
    public unsafe void SetInitialScores(ReadOnlySpan<double> scores)
    {
        fixed (double* data = scores) SetField("init_score", data, scores.Length, ElementType.Float64);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private unsafe void SetField(string name, void* data, int length, ElementType type)
    {
        Require(length == RowCount, $"{RowCount} rows need {RowCount} values of {name}, not {length}.", name);
        LightGbmLibrary.Enter();
        LightGbmLibrary.Check(NativeMethods.DatasetSetField(Handle, name, data, length, type), $"LGBM_DatasetSetField({name})");
    }

    private void SetNames(IReadOnlyList<string> names)
    {
        if (names.Count > 0) LightGbmLibrary.Check(NativeMethods.DatasetSetFeatureNames(Handle, [.. names], FeatureCount), "LGBM_DatasetSetFeatureNames");
    }

    private static Parameters BinningParameters(int featureCount, DatasetOptions options)
    {
        Require(
            options.FeatureNames.Count == 0 || options.FeatureNames.Count == featureCount,
            $"{featureCount} features need {featureCount} names, not {options.FeatureNames.Count}.", nameof(options));
        foreach (int feature in options.CategoricalFeatures)
            Require((uint)feature < (uint)featureCount, $"Categorical feature {feature} is not among {featureCount} features.", nameof(options));
        Parameters parameters = options.Parameters.Copy();
        if (options.CategoricalFeatures.Count > 0) parameters["categorical_feature"] = string.Join(',', options.CategoricalFeatures);
        return parameters;
    }

    private static void Require(bool holds, string problem, string parameter)
    {
        if (!holds) throw new ArgumentException(problem, parameter);
    }
}
