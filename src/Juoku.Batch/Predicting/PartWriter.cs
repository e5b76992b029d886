using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Predicting;

/// <summary>Writes the output of one part and counts what goes by.</summary>
internal sealed class PartWriter(Stream output, Action<RejectedRow>? reject, PredictionProgress progress) : IPredictionSink, IDisposable
{
    private readonly ChecksumStream _output = new(output);
    private readonly ScoreHistogram _scores = new();
    private TableWriter? _writer;
    private long _rows;
    private long _rejects;
    private long _keyed;
    private double _sum;

    public void Begin(PredictionOutput table) => _writer = TableWriter.Create(table.Table, _output);

    public void Write(ScoredBatch batch)
    {
        foreach (RejectedRow row in batch.Rejects) reject!(row);
        _rejects += batch.Rejects.Count;
        OutputRows rows = batch.Rows;
        if (rows.Count == 0) return;
        _writer!.Write(rows);
        ReadOnlySpan<double> scores = rows.Scores.AsSpan(0, rows.Count * rows.Outputs);
        foreach (double score in scores) _sum += score;
        _scores.Add(scores);
        _rows += rows.Count;
        progress.AddRows(rows.Count);
        _keyed += Keyed(rows);
    }

    public void EndPiece(long fileBytes) => progress.AddBytes(fileBytes);

    public PartStatistics Complete()
    {
        _writer!.Complete();
        return new PartStatistics(_rows, _rejects, _keyed, _sum, _scores, _output.Length, _output.Sha256());
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _output.Dispose();
    }

    private static int Keyed(OutputRows rows)
    {
        if (rows.Keys.Length == 0) return 0;
        if (rows.Keys.All(key => key.Count == rows.Count)) return rows.Count;
        int keyed = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            bool all = true;
            foreach (KeyBuffer key in rows.Keys) all &= key.Present[row] != 0;
            if (all) keyed++;
        }

        return keyed;
    }
}
