using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Predicting;

/// <summary>Writes one file after another, each of which appears when it is complete, and measures against labels.</summary>
internal sealed class FilesWriter(LabelMetrics? metrics, PredictionProgress progress) : IPredictionSink, IDisposable
{
    private PredictionOutput? _output;
    private FileTableWriter? _writer;

    public void Begin(PredictionOutput output)
    {
        if (ReferenceEquals(output, _output)) return;
        Complete();
        _writer = new FileTableWriter(output.Table);
        _output = output;
    }

    public void Write(ScoredBatch batch)
    {
        OutputRows rows = batch.Rows;
        _writer!.Write(rows);
        metrics?.Add(rows.Scores.AsSpan(0, rows.Count * rows.Outputs), batch.Labels.AsSpan(0, rows.Count));
        progress.AddRows(rows.Count);
    }

    public void EndPiece(long fileBytes) => progress.AddBytes(fileBytes);

    /// <summary>Makes the last file appear.</summary>
    public void Complete()
    {
        _writer?.Complete();
        Dispose();
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }
}
