using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Writing;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// Predicts the parts of a run, one after another: a table, or some row groups of it, into a stream. Lanes, buffers and the laid-out model
/// stay from part to part. The bytes written are a function of the input, the model and the options alone. For one part at a time; a
/// worker that overlaps parts has several over one model.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="options">What is alike for all parts.</param>
public sealed class PartPrediction(PredictionModel model, PartOptions options)
{
    private readonly PredictionPipeline _pipeline = new(model, options.Raw ? ScoreKind.Raw : ScoreKind.Prediction, options.Threads);
    private PredictionOutput? _output;

    /// <summary>How far all its parts have come together; the total stays unknown.</summary>
    public PredictionProgress Progress { get; } = new();

    /// <summary>Predicts a part.</summary>
    /// <param name="input">The table.</param>
    /// <param name="groups">Row groups of it, when it is Parquet; null for all.</param>
    /// <param name="output">Where the output table goes; left open, and not a table before this ends well.</param>
    /// <param name="outputName">Its path or URL, for messages.</param>
    /// <param name="reject">
    /// Told, in the order of the input, of each row that cannot be used (text that does not parse, a key that is null) and is left out; it ends
    /// the part by throwing. When null, the first such line ends the part with a <see cref="TableException"/>, and null keys are carried over.
    /// </param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="TableException">The input cannot be read, or does not fit the model.</exception>
    /// <exception cref="OutputException">The output cannot be written.</exception>
    /// <exception cref="Stores.StoreException">A store failed; an <see cref="Stores.ObjectChangedException"/> when the input is not what it was.</exception>
    public async Task<PartStatistics> RunAsync(
        TableInput input, RowGroupRange? groups, Stream output, string outputName, Action<RejectedRow>? reject, CancellationToken cancellation)
    {
        using var writer = new PartWriter(output, reject, Progress);
        await _pipeline.RunAsync(FeedAsync(input, groups, outputName, reject is not null, CancellationToken.None), writer, cancellation).ConfigureAwait(false);
        return writer.Complete();
    }

    /// <summary>Reads no more than it must to say whether a table fits the model: column names, and of Parquet the rows of each row group.</summary>
    /// <exception cref="TableException">The input is no table, or does not fit the model.</exception>
    /// <exception cref="Stores.StoreException">A store failed.</exception>
    public static ImmutableArray<long> Check(TableInput input, PredictionModel model, PartOptions options, CancellationToken cancellation)
    {
        using TableSource table = TableSource.Open(input, options.HasHeader, groups: null, cancellation);
        TableBinding binding = TableBinding.Bind(table, model, new ColumnChoice(options.Keys));
        TableWriter.Check(Table("the output", binding, model, options));
        return table.RowGroups;
    }

    private static OutputTable Table(string name, TableBinding binding, PredictionModel model, PartOptions options) =>
        new(name, options.OutputFormat, binding.Keys, [.. model.ScoreNames], WritesHeader: true) { ScoreType = options.ScoreType };

    private async IAsyncEnumerable<PieceWork> FeedAsync(
        TableInput input, RowGroupRange? groups, string outputName, bool leavesOutBadRows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var source = new SharedSource(TableSource.Open(input, options.HasHeader, groups, cancellation));
        try
        {
            TableBinding binding = TableBinding.Bind(source.Table, model, new ColumnChoice(options.Keys));
            _output = new PredictionOutput(Table(outputName, binding, model, options), PredictionLane.BatchRows, _output);
            yield return new PieceWork(_output);
            foreach (TablePiece piece in source.Table.Pieces(binding.Selection, cancellation))
                yield return new PieceWork(_output, piece, binding, source.Share()) { LeavesOutBadRows = leavesOutBadRows };
        }
        finally
        {
            source.Release();
        }
    }
}
