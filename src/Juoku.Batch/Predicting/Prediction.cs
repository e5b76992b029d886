using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// Predicts files in a pipeline of three overlapping stages. The <em>feeder</em> opens inputs and cuts them into pieces; <em>lanes</em>, one a
/// thread, each decode a piece and score it batch by batch while its columns are warm; the <em>writer</em> takes the batches in the order of
/// the input. A lane that has nothing to do helps the others with their columns and rows, so one large row group keeps all
/// threads busy too. Every queue is bounded and every buffer reused: memory does not grow with the input. The first error in input order is
/// the one reported, whatever the threads' timing.
/// </summary>
public sealed class Prediction
{
    private const long PieceBytes = 256L << 20;

    private readonly PredictionOptions _options;
    private readonly PredictionProgress _progress;
    private readonly ForestModel _model;
    private readonly CategoryCodes?[] _codes;
    private readonly ImmutableArray<PredictionFile> _files;
    private readonly Task<TableSource> _first;
    private readonly ScoreKind _kind;
    private readonly Calibration? _calibration;
    private readonly LabelMetrics? _metrics;
    private readonly ParallelOptions _parallel;
    private readonly MemoryBudget _budget = new(PieceBytes);
    private readonly Channel<PieceWork> _pieces;
    private readonly Channel<PieceWork> _order = Channel.CreateBounded<PieceWork>(1024);
    private readonly CancellationTokenSource _stop;

    private Prediction(
        PredictionOptions options, PredictionProgress progress, ImmutableArray<PredictionFile> files, Task<TableSource> first, ForestModel model, CancellationToken cancellation)
    {
        _options = options;
        _progress = progress;
        _files = files;
        _first = first;
        _model = model;
        _codes = FeatureCategories.Load(model, options.Model);
        _kind = options.Raw ? ScoreKind.Raw : ScoreKind.Prediction;
        if (options.Calibrate && !options.Raw) _calibration = Calibration.LoadBeside(options.Model, model);
        if (options.HasLabel) _metrics = new LabelMetrics(_model.Ensemble.Objective, _kind, _model.OutputCount);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _pieces = Channel.CreateBounded<PieceWork>(options.Threads);
        _parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Threads,
            TaskScheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, options.Threads).ConcurrentScheduler,
        };
    }

    /// <summary>Predicts.</summary>
    /// <param name="options">What to predict.</param>
    /// <param name="progress">Kept up to date meanwhile.</param>
    /// <param name="cancellation">Stops; no unfinished output is left.</param>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    /// <exception cref="NotFoundException">The model or an input is not there.</exception>
    /// <exception cref="ModelFormatException">The model cannot be read.</exception>
    /// <exception cref="TableException">An input cannot be read, or does not fit the model.</exception>
    /// <exception cref="OutputException">The output cannot be written.</exception>
    public static async Task<PredictionSummary> RunAsync(PredictionOptions options, PredictionProgress progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        options.Validate();
        if (!File.Exists(options.Model)) throw new NotFoundException($"{options.Model}: no such model file");
        ImmutableArray<PredictionFile> files = PredictionFiles.Plan(options);

        // Opening a table loads and compiles much code, and so does loading a model: they go side by side.
        Task<TableSource> first = Task.Run(() => TableSource.Open(files[0].Input, options.HasHeader), CancellationToken.None);
        try
        {
            var prediction = new Prediction(options, progress, files, first, ForestModel.Load(options.Model), cancellation);
            await prediction.RunAsync(cancellation).ConfigureAwait(false);
            return new PredictionSummary(progress.Rows, clock.Elapsed, prediction._model.Digest, prediction._model.Ensemble.Trees.Length,
                [.. files.Select(file => file.Output).Distinct()], prediction._metrics?.Result());
        }
        finally
        {
            await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (first.IsCompletedSuccessfully) (await first.ConfigureAwait(false)).Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        _progress.TotalBytes = _files.Sum(file => new FileInfo(file.Input).Length);
        string? made = MakeOutputDirectory();

        // The model is laid out for batches while the first one is decoded.
        Task prepare = Task.Run(_model.Prepare, CancellationToken.None);
        Task feeder = Task.Run(FeedAsync, CancellationToken.None);
        Task[] lanes = [.. Enumerable.Range(0, _options.Threads).Select(_ =>
            Task.Factory.StartNew(RunLaneAsync, CancellationToken.None, TaskCreationOptions.None, _parallel.TaskScheduler!).Unwrap())];
        try
        {
            await Task.Run(WriteAsync, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([prepare, feeder, .. lanes]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (made is not null && !Directory.EnumerateFileSystemEntries(made).Any()) Directory.Delete(made);
            cancellation.ThrowIfCancellationRequested();
            throw;
        }

        await Task.WhenAll([prepare, feeder, .. lanes]).ConfigureAwait(false);
    }

    /// <summary>Makes an output directory that is not there yet; returns it, so that a failure can take it back.</summary>
    private string? MakeOutputDirectory()
    {
        string? made = null;
        foreach (string directory in _files.Select(file => file.OutputDirectory).OfType<string>().Distinct().Where(directory => !Directory.Exists(directory)))
        {
            try
            {
                Directory.CreateDirectory(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OutputException(directory, $"cannot be made ({e.Message}); choose another place", e);
            }

            made ??= directory;
        }

        return made;
    }

    private async Task FeedAsync()
    {
        try
        {
            PredictionOutput? output = null;
            foreach (PredictionFile file in _files)
            {
                var source = new SharedSource(ReferenceEquals(file, _files[0]) ? await _first : TableSource.Open(file.Input, _options.HasHeader));
                try
                {
                    TableBinding binding = TableBinding.Bind(source.Table, _model, _codes, _options);
                    if (output?.Table.Path != file.Output) output = new PredictionOutput(Table(file, binding), PredictionLane.BatchRows);
                    RefuseOtherKeys(output.Table, binding, file);

                    // An input without rows makes an output without rows: the writer hears of the table before any piece.
                    await _order.Writer.WriteAsync(new PieceWork(output), _stop.Token);
                    foreach (TablePiece piece in source.Table.Pieces(binding.Selection, _stop.Token))
                    {
                        var work = new PieceWork(output, piece, binding, source.Share());
                        await _budget.EnterAsync(piece.MemoryBytes, _stop.Token);
                        await _order.Writer.WriteAsync(work, _stop.Token);
                        await _pieces.Writer.WriteAsync(work, _stop.Token);
                    }
                }
                finally
                {
                    source.Release();
                }
            }

            _order.Writer.Complete();
        }
        catch (Exception e)
        {
            _order.Writer.Complete(e);
        }
        finally
        {
            _pieces.Writer.Complete();
        }
    }

    private async Task RunLaneAsync()
    {
        var lane = new PredictionLane(_model, _kind, _calibration, _parallel);
        await foreach (PieceWork work in _pieces.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                lane.Begin(work);
                while (!_stop.IsCancellationRequested && lane.Next() is { } batch) await work.Batches.Writer.WriteAsync(batch, _stop.Token);
                work.Batches.Writer.Complete(_stop.IsCancellationRequested ? new OperationCanceledException() : null);
            }
            catch (Exception e)
            {
                work.Batches.Writer.Complete(e);
            }
            finally
            {
                work.Piece!.Dispose();
                work.Source!.Release();
                _budget.Leave(work.Piece.MemoryBytes);
            }
        }
    }

    private async Task WriteAsync()
    {
        PredictionOutput? output = null;
        TableWriter? writer = null;
        try
        {
            await foreach (PieceWork work in _order.Reader.ReadAllAsync(_stop.Token))
            {
                if (!ReferenceEquals(work.Output, output))
                {
                    writer?.Complete();
                    writer?.Dispose();
                    writer = null;
                    writer = TableWriter.Create(work.Output.Table);
                    output = work.Output;
                }

                if (work.Piece is null) continue;
                await foreach (ScoredBatch batch in work.Batches.Reader.ReadAllAsync(_stop.Token))
                {
                    OutputRows rows = batch.Rows;
                    writer!.Write(rows);
                    _metrics?.Add(rows.Scores.AsSpan(0, rows.Count * rows.Outputs), batch.Labels.AsSpan(0, rows.Count));
                    _progress.AddRows(rows.Count);
                    work.Output.Return(batch);
                }

                _progress.AddBytes(work.Piece.FileBytes);
            }

            writer?.Complete();
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private OutputTable Table(PredictionFile file, TableBinding binding)
    {
        ImmutableArray<string> scores = _model.OutputCount == 1
            ? ["prediction"]
            : [.. Enumerable.Range(0, _model.OutputCount).Select(output => $"prediction_{output}")];
        return new OutputTable(file.Output, file.Format, binding.Keys, scores, _options.HasHeader);
    }

    private static void RefuseOtherKeys(OutputTable table, TableBinding binding, PredictionFile file)
    {
        for (int k = 0; k < binding.Keys.Length; k++)
        {
            if (!table.Keys[k].SameTypeAs(binding.Keys[k]))
                throw new TableException(file.Input, $"the key '{binding.Keys[k].Name}' is {binding.Keys[k].Logical.Type} ({binding.Keys[k].Physical}) here but {table.Keys[k].Logical.Type} ({table.Keys[k].Physical}) in an earlier input; predict into a directory instead");
        }
    }
}
