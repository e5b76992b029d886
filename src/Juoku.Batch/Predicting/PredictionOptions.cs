using System.Collections.Immutable;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Predicting;

/// <summary>What to predict, from what, and where to.</summary>
public sealed record PredictionOptions
{
    /// <summary>LightGBM text model.</summary>
    public required string Model { get; init; }

    /// <summary>Files, directories and globs.</summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>A file; or a directory, which receives one file per input.</summary>
    public required string Output { get; init; }

    /// <summary>Columns carried over to the output: names, or positions from 0 in a file without header.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Write raw scores instead of predictions.</summary>
    public bool Raw { get; init; }

    /// <summary>Whether the calibration that lies beside the model is applied to its probabilities; raw scores never are.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>How scores are stored.</summary>
    public ScoreType ScoreType { get; init; } = ScoreType.Double;

    /// <summary>Whether text files begin with the column names.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Name of the label column.</summary>
    public string? Label { get; init; }

    /// <summary>Position of the label column, from 0.</summary>
    public int? LabelColumn { get; init; }

    /// <summary>Threads that decode and score.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether a label is there to measure against.</summary>
    public bool HasLabel => Label is not null || LabelColumn is not null;

    /// <summary>Refuses options that contradict each other.</summary>
    /// <exception cref="UsageException">They do.</exception>
    public void Validate()
    {
        if (Threads < 1) throw new UsageException($"--threads {Threads}: at least one thread is needed");
        if (Label is not null && LabelColumn is not null) throw new UsageException("--label and --label-column both name the label; give one of them");
        if (LabelColumn < 0) throw new UsageException($"--label-column {LabelColumn}: positions count from 0");
        if (Label is not null && !HasHeader) throw new UsageException("--label names a column, but --no-header says there are no names; give --label-column N");
        if (Inputs.IsEmpty) throw new UsageException("--input names no file");
    }
}
