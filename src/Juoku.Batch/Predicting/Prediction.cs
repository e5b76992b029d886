using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Writing;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>Predicts files: from what was named on the command line to whole output files.</summary>
public sealed class Prediction
{
    private readonly PredictionOptions _options;
    private readonly ColumnChoice _columns;
    private readonly ImmutableArray<PredictionFile> _files;
    private readonly Task<TableSource> _first;
    private readonly PredictionModel _model;

    private Prediction(PredictionOptions options, ImmutableArray<PredictionFile> files, Task<TableSource> first, PredictionModel model)
    {
        _options = options;
        _columns = new ColumnChoice(options.Keys, options.Label, options.LabelColumn);
        _files = files;
        _first = first;
        _model = model;
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
        Task<TableSource> first = Task.Run(() => TableSource.Open(TableInput.Of(files[0].Input), options.HasHeader), CancellationToken.None);
        try
        {
            var model = PredictionModel.Load(options.Model, options.Calibrate && !options.Raw);
            LabelScores? labels = await new Prediction(options, files, first, model).RunAsync(progress, cancellation).ConfigureAwait(false);
            return new PredictionSummary(progress.Rows, clock.Elapsed, model.Forest.Digest, model.Forest.Ensemble.Trees.Length,
                [.. files.Select(file => file.Output).Distinct()], labels);
        }
        finally
        {
            await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (first.IsCompletedSuccessfully) (await first.ConfigureAwait(false)).Dispose();
        }
    }

    private async Task<LabelScores?> RunAsync(PredictionProgress progress, CancellationToken cancellation)
    {
        progress.TotalBytes = _files.Sum(file => new FileInfo(file.Input).Length);
        string? made = MakeOutputDirectory();
        ScoreKind kind = _options.Raw ? ScoreKind.Raw : ScoreKind.Prediction;
        LabelMetrics? metrics = _options.HasLabel ? new LabelMetrics(_model.Forest.Ensemble.Objective, kind, _model.Forest.OutputCount) : null;
        try
        {
            var pipeline = new PredictionPipeline(_model, kind, _options.Threads);
            using var writer = new FilesWriter(metrics, progress);
            await pipeline.RunAsync(FeedAsync(CancellationToken.None), writer, cancellation).ConfigureAwait(false);
            writer.Complete();
            return metrics?.Result();
        }
        catch
        {
            if (made is not null && !Directory.EnumerateFileSystemEntries(made).Any()) Directory.Delete(made);
            throw;
        }
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

    private async IAsyncEnumerable<PieceWork> FeedAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        PredictionOutput? output = null;
        foreach (PredictionFile file in _files)
        {
            var source = new SharedSource(ReferenceEquals(file, _files[0]) ? await _first.ConfigureAwait(false) : TableSource.Open(TableInput.Of(file.Input), _options.HasHeader, null, cancellation));
            try
            {
                TableBinding binding = TableBinding.Bind(source.Table, _model, _columns);
                if (output?.Table.Name != file.Output) output = new PredictionOutput(Table(file, binding), PredictionLane.BatchRows, output);
                RefuseOtherKeys(output.Table, binding, file);

                // An input without rows makes an output without rows: the writer hears of the table before any piece.
                yield return new PieceWork(output);
                foreach (TablePiece piece in source.Table.Pieces(binding.Selection, cancellation))
                    yield return new PieceWork(output, piece, binding, source.Share());
            }
            finally
            {
                source.Release();
            }
        }
    }

    private OutputTable Table(PredictionFile file, TableBinding binding) =>
        new(file.Output, file.Format, binding.Keys, [.. _model.ScoreNames], _options.HasHeader) { ScoreType = _options.ScoreType };

    private static void RefuseOtherKeys(OutputTable table, TableBinding binding, PredictionFile file)
    {
        for (int k = 0; k < binding.Keys.Length; k++)
        {
            if (!table.Keys[k].SameTypeAs(binding.Keys[k]))
                throw new TableException(file.Input, $"the key '{binding.Keys[k].Name}' is {binding.Keys[k].Logical.Type} ({binding.Keys[k].Physical}) here but {table.Keys[k].Logical.Type} ({table.Keys[k].Physical}) in an earlier input; predict into a directory instead");
        }
    }
}
