namespace Juoku.Batch.Predicting;

/// <summary>What the prediction of a part did; the same whenever the same part is predicted.</summary>
/// <param name="Rows">Rows written.</param>
/// <param name="RejectedRows">Rows left out.</param>
/// <param name="KeyedRows">Rows written whose keys are all there; 0 when there are no keys.</param>
/// <param name="ScoreSum">Sum of the scores, added in the order of the rows; over all outputs when there are several.</param>
/// <param name="Scores">Histogram of the scores.</param>
/// <param name="OutputBytes">Length of the output.</param>
/// <param name="OutputSha256">SHA-256 of the output, in hexadecimal.</param>
public sealed record PartStatistics(
    long Rows, long RejectedRows, long KeyedRows, double ScoreSum, ScoreHistogram Scores, long OutputBytes, string OutputSha256);
