using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// Decodes and scores the pieces given to it, one after another, in buffers of its own. Not thread-safe; a lane is a thread's, and other
/// threads only help inside <see cref="Next"/>.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="kind">Predictions or raw scores.</param>
/// <param name="parallel">How many threads may help, and where they come from.</param>
internal sealed class PredictionLane(PredictionModel model, ScoreKind kind, ParallelOptions parallel)
{
    // 16 Ki rows of 40 floats are 2.6 MB: a batch stays in the cache between decoding and scoring.
    public const int BatchRows = 1 << 14;

    private const int BlockRows = 1 << 12;

    private readonly Column[][] _blocks = [.. Enumerable.Range(0, BatchRows / BlockRows).Select(_ => new Column[model.Forest.FeatureCount])];
    private TableRows _rows = new(0, BatchRows);
    private TextRows? _text;
    private OutputTable? _textOf;
    private PieceWork? _work;

    /// <summary>Turns to another piece.</summary>
    public void Begin(PieceWork work)
    {
        _work = work;
        int numbers = work.Binding!.Selection.Numbers.Length;
        if (_rows.Numbers.Length != numbers) _rows = new TableRows(numbers, BatchRows);
        foreach (Column[] block in _blocks) Array.Clear(block);
        if (ReferenceEquals(_textOf, work.Output.Table)) return;
        _textOf = work.Output.Table;
        _text = _textOf.Format.Kind == TableKind.Parquet ? null : new TextRows(_textOf);
    }

    /// <summary>The next batch of the piece, scored; null at its end.</summary>
    public ScoredBatch? Next()
    {
        PieceWork work = _work!;
        ScoredBatch batch = work.Output.Rent();
        batch.Rejects.Clear();
        _rows.Keys = batch.Rows.Keys;
        _rows.Rejects = work.LeavesOutBadRows ? batch.Rejects : null;
        if (!work.Piece!.Read(_rows, parallel))
        {
            work.Output.Return(batch);
            return null;
        }

        batch.Rows.Count = _rows.Count;
        Score(work.Binding!, batch.Rows);
        if (work.Binding!.HasLabel)
        {
            NumberBuffer labels = _rows.Numbers[^1];
            for (int i = 0; i < _rows.Count; i++) batch.Labels[i] = labels[i];
        }

        _text?.Format(batch.Rows);
        return batch;
    }

    private void Score(TableBinding binding, OutputRows output)
    {
        int blocks = (_rows.Count + BlockRows - 1) / BlockRows;
        if (blocks <= 1 || parallel.MaxDegreeOfParallelism == 1)
        {
            for (int block = 0; block < blocks; block++) ScoreBlock(binding, output, block);
            return;
        }

        Parallel.For(0, blocks, parallel, block => ScoreBlock(binding, output, block));
    }

    private void ScoreBlock(TableBinding binding, OutputRows output, int block)
    {
        int start = block * BlockRows;
        int count = Math.Min(BlockRows, _rows.Count - start);
        Column[] columns = _blocks[block];
        for (int i = 0; i < binding.Features.Length; i++) columns[binding.Features[i]] = _rows.Numbers[i].View(start, count);
        model.Score(columns, output.Scores.AsSpan(start * output.Outputs, count * output.Outputs), kind);
    }
}
