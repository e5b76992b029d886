using System.Threading.Channels;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// Three overlapping stages. The <em>feeder</em> takes pieces of input; <em>lanes</em>, one a thread, each decode a piece and score it
/// batch by batch while its columns are warm; the <em>sink</em> takes the batches in the order of the input. A lane that has nothing to do
/// helps the others with their columns and rows, so one large row group keeps all threads busy too. Every queue is bounded and every buffer
/// reused, also from run to run: memory does not grow with the input. The first error in input order is the one reported, whatever the timing.
/// For one run at a time.
/// </summary>
internal sealed class PredictionPipeline
{
    private const long PieceBytes = 256L << 20;

    private readonly PredictionModel _model;
    private readonly ParallelOptions _parallel;
    private readonly PredictionLane[] _lanes;

    /// <summary>Makes the lanes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="kind">Predictions or raw scores.</param>
    /// <param name="threads">Threads that decode and score.</param>
    public PredictionPipeline(PredictionModel model, ScoreKind kind, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _model = model;
        _parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads,
            TaskScheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler,
        };
        _lanes = [.. Enumerable.Range(0, threads).Select(_ => new PredictionLane(model, kind, _parallel))];
    }

    /// <summary>Scores everything that is fed.</summary>
    /// <param name="feed">Announcements of tables, and their pieces.</param>
    /// <param name="sink">Takes the scored batches.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task RunAsync(IAsyncEnumerable<PieceWork> feed, IPredictionSink sink, CancellationToken cancellation)
    {
        using var flow = new Flow(_lanes.Length, cancellation);

        // The model is laid out for batches while the first one is decoded.
        Task prepare = Task.Run(_model.Forest.Prepare, CancellationToken.None);
        Task feeder = Task.Run(() => FeedAsync(feed, flow), CancellationToken.None);
        Task[] lanes = [.. _lanes.Select(lane =>
            Task.Factory.StartNew(() => RunLaneAsync(lane, flow), CancellationToken.None, TaskCreationOptions.None, _parallel.TaskScheduler!).Unwrap())];
        try
        {
            await Task.Run(() => DrainAsync(sink, flow), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await flow.Stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([prepare, feeder, .. lanes]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            throw;
        }

        await Task.WhenAll([prepare, feeder, .. lanes]).ConfigureAwait(false);
    }

    private static async Task FeedAsync(IAsyncEnumerable<PieceWork> feed, Flow flow)
    {
        try
        {
            await foreach (PieceWork work in feed.WithCancellation(flow.Stop.Token))
            {
                try
                {
                    if (work.Piece is { } piece) await flow.Budget.EnterAsync(piece.MemoryBytes, flow.Stop.Token);
                    await flow.Order.Writer.WriteAsync(work, flow.Stop.Token);
                    if (work.Piece is not null) await flow.Pieces.Writer.WriteAsync(work, flow.Stop.Token);
                }
                catch
                {
                    work.Release();
                    throw;
                }
            }

            flow.Order.Writer.Complete();
        }
        catch (Exception e)
        {
            flow.Order.Writer.Complete(e);
        }
        finally
        {
            flow.Pieces.Writer.Complete();
        }
    }

    private static async Task RunLaneAsync(PredictionLane lane, Flow flow)
    {
        CancellationToken stop = flow.Stop.Token;
        await foreach (PieceWork work in flow.Pieces.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                lane.Begin(work);
                while (!stop.IsCancellationRequested && lane.Next() is { } batch) await work.Batches.Writer.WriteAsync(batch, stop);
                work.Batches.Writer.Complete(stop.IsCancellationRequested ? new OperationCanceledException() : null);
            }
            catch (Exception e)
            {
                work.Batches.Writer.Complete(e);
            }
            finally
            {
                work.Release();
                flow.Budget.Leave(work.Piece!.MemoryBytes);
            }
        }
    }

    private static async Task DrainAsync(IPredictionSink sink, Flow flow)
    {
        await foreach (PieceWork work in flow.Order.Reader.ReadAllAsync(flow.Stop.Token))
        {
            if (work.Piece is null)
            {
                sink.Begin(work.Output);
                continue;
            }

            await foreach (ScoredBatch batch in work.Batches.Reader.ReadAllAsync(flow.Stop.Token))
            {
                sink.Write(batch);
                work.Output.Return(batch);
            }

            sink.EndPiece(work.Piece.FileBytes);
        }
    }

    /// <summary>What connects the stages of one run.</summary>
    private sealed class Flow(int lanes, CancellationToken cancellation) : IDisposable
    {
        public CancellationTokenSource Stop { get; } = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        public MemoryBudget Budget { get; } = new(PieceBytes);

        public Channel<PieceWork> Pieces { get; } = Channel.CreateBounded<PieceWork>(lanes);

        public Channel<PieceWork> Order { get; } = Channel.CreateBounded<PieceWork>(1024);

        public void Dispose() => Stop.Dispose();
    }
}
