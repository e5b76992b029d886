namespace Juoku.Forest.Scoring;

/// <summary>Raw scores of single rows.</summary>
internal abstract class RowScorer
{
    /// <summary>Scores one row.</summary>
    /// <param name="row">Values by feature index.</param>
    /// <param name="raw">Receives a score an output.</param>
    public abstract void Score(ReadOnlySpan<double> row, Span<double> raw);
}
