using System.Collections.Immutable;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Predicting;

/// <summary>How the parts of a run are predicted.</summary>
public sealed record PartOptions
{
    /// <summary>Columns carried over to the output: names, or positions from 0 in a file without header.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Write raw scores instead of predictions.</summary>
    public bool Raw { get; init; }

    /// <summary>Whether text files begin with the column names.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>How scores are stored.</summary>
    public ScoreType ScoreType { get; init; } = ScoreType.Double;

    /// <summary>Format of the output.</summary>
    public TableFormat OutputFormat { get; init; } = new(TableKind.Parquet, TableCompression.None);

    /// <summary>Threads that decode and score.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
