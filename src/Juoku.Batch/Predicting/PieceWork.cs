using System.Collections.Concurrent;
using System.Threading.Channels;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Predicting;

/// <summary>One output table and the batches that circulate on their way to it.</summary>
internal sealed class PredictionOutput(OutputTable table, int batchRows)
{
    private readonly ConcurrentBag<ScoredBatch> _free = [];

    public OutputTable Table => table;

    public ScoredBatch Rent() => _free.TryTake(out ScoredBatch? batch) ? batch : new ScoredBatch(table, batchRows);

    public void Return(ScoredBatch batch) => _free.Add(batch);
}

/// <summary>A batch of rows with their scores, and their labels when there are any.</summary>
internal sealed class ScoredBatch(OutputTable table, int capacity)
{
    public OutputRows Rows { get; } = new(table.Keys, table.Scores.Length, capacity);

    public double[] Labels { get; } = new double[capacity];
}

/// <summary>A piece of input on its way through the pipeline; without a piece, the announcement of a table.</summary>
internal sealed class PieceWork(PredictionOutput output, TablePiece? piece = null, TableBinding? binding = null, SharedSource? source = null)
{
    public const int BatchesAhead = 64;

    public PredictionOutput Output => output;

    public TablePiece? Piece => piece;

    public TableBinding? Binding => binding;

    public SharedSource? Source => source;

    /// <summary>The scored batches of the piece, in order. Bounded: a lane that is far ahead of the writer waits.</summary>
    public Channel<ScoredBatch> Batches { get; } = Channel.CreateBounded<ScoredBatch>(
        new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
}

/// <summary>An open table that closes when the last piece of it is done.</summary>
internal sealed class SharedSource(TableSource table)
{
    private int _users = 1;

    public TableSource Table => table;

    public SharedSource Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0) table.Dispose();
    }
}
