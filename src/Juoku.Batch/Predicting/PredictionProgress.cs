namespace Juoku.Batch.Predicting;

/// <summary>How far a prediction has come; read it from any thread.</summary>
public sealed class PredictionProgress
{
    private long _rows;
    private long _bytes;
    private long _totalBytes;

    /// <summary>Rows written.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Bytes of input done.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes of input in all; 0 until they are known.</summary>
    public long TotalBytes
    {
        get => Volatile.Read(ref _totalBytes);
        internal set => Volatile.Write(ref _totalBytes, value);
    }

    internal void AddRows(long rows) => Volatile.Write(ref _rows, _rows + rows);

    internal void AddBytes(long bytes) => Volatile.Write(ref _bytes, _bytes + bytes);
}

/// <summary>What a prediction did.</summary>
/// <param name="Rows">Rows predicted.</param>
/// <param name="Elapsed">Time from before the model was loaded until the output was complete.</param>
/// <param name="ModelDigest">SHA-256 of the model text.</param>
/// <param name="TreeCount">Trees in the model.</param>
/// <param name="Outputs">Files written.</param>
/// <param name="Labels">How good the predictions are, when there is a label.</param>
public sealed record PredictionSummary(long Rows, TimeSpan Elapsed, string ModelDigest, int TreeCount, IReadOnlyList<string> Outputs, LabelScores? Labels);
