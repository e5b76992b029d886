namespace Juoku.Learning.LightGbm;

/// <summary>
/// Scores one row at a time with LightGBM's <c>PredictForMatSingleRowFast</c>: parameters are parsed and buffers made once, beforehand.
/// Safe to call from one thread at a time.
/// </summary>
public sealed class RowScorer : IDisposable
{
    private readonly RowScorerHandle _handle;
    private readonly Booster _booster;

    internal RowScorer(Booster booster, RowScorerHandle handle)
    {
        _booster = booster;
        _handle = handle;
    }

    /// <summary>Scores one row, values by feature index, NaN where missing.</summary>
    /// <param name="row">As many values as the model has features.</param>
    /// <param name="scores">Receives as many scores as the model has outputs.</param>
    /// <exception cref="ArgumentException">A length does not fit the model.</exception>
    public unsafe void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        if (row.Length != _booster.FeatureCount)
            throw new ArgumentException($"The model has {_booster.FeatureCount} features; the row has {row.Length} values.", nameof(row));
        if (scores.Length < _booster.OutputCount)
            throw new ArgumentException($"A row gets {_booster.OutputCount} scores; there is room for {scores.Length}.", nameof(scores));

        fixed (double* values = row)
        {
            fixed (double* output = scores)
            {
                int status = NativeMethods.SingleRowFast(_handle, values, out _, output);
                if (status != 0) LightGbmLibrary.Check(status, "LGBM_BoosterPredictForMatSingleRowFast");
            }
        }
    }

    /// <summary>Scores one row of a model with one output.</summary>
    public double Score(ReadOnlySpan<double> row)
    {
        double score = 0;
        Score(row, new Span<double>(ref score));
        return score;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
