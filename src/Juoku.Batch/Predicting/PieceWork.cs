using System.Collections.Concurrent;
using System.Threading.Channels;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Predicting;

/// <summary>One output table and the batches that circulate on their way to it.</summary>
internal sealed class PredictionOutput
{
    private readonly ConcurrentBag<ScoredBatch> _free;
    private readonly int _batchRows;

    /// <summary>Makes an output, which takes over the batches of an earlier one when they fit.</summary>
    public PredictionOutput(OutputTable table, int batchRows, PredictionOutput? earlier = null)
    {
        Table = table;
        _batchRows = batchRows;
        _free = earlier is not null && earlier.Table.Scores.Length == table.Scores.Length && Fit(earlier.Table, table) ? earlier._free : [];
    }

    public OutputTable Table { get; }

    public ScoredBatch Rent() => _free.TryTake(out ScoredBatch? batch) ? batch : new ScoredBatch(Table, _batchRows);

    public void Return(ScoredBatch batch) => _free.Add(batch);

    private static bool Fit(OutputTable one, OutputTable other) =>
        one.Keys.Length == other.Keys.Length && one.Keys.Zip(other.Keys).All(pair => pair.First.SameTypeAs(pair.Second));
}

/// <summary>A batch of rows with their scores, their labels when there are any, and the rows among them that were left out.</summary>
internal sealed class ScoredBatch(OutputTable table, int capacity)
{
    public OutputRows Rows { get; } = new(table.Keys, table.Scores.Length, capacity);

    public double[] Labels { get; } = new double[capacity];

    public List<RejectedRow> Rejects { get; } = [];
}

/// <summary>A piece of input on its way through the pipeline; without a piece, the announcement of a table.</summary>
internal sealed class PieceWork(PredictionOutput output, TablePiece? piece = null, TableBinding? binding = null, SharedSource? source = null)
{
    public const int BatchesAhead = 64;

    public PredictionOutput Output => output;

    public TablePiece? Piece => piece;

    public TableBinding? Binding => binding;

    /// <summary>Whether rows that cannot be used are left out and told; otherwise the first one fails the table.</summary>
    public bool LeavesOutBadRows { get; init; }

    /// <summary>The scored batches of the piece, in order. Bounded: a lane that is far ahead of the sink waits.</summary>
    public Channel<ScoredBatch> Batches { get; } = Channel.CreateBounded<ScoredBatch>(
        new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });

    /// <summary>The piece is done.</summary>
    public void Release()
    {
        piece?.Dispose();
        source?.Release();
    }
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
