using System.Collections.Immutable;
using Juoku.Batch.Models;

namespace Juoku.Batch.Runs;

/// <summary>
/// What a run was asked to do: <c>runs/‹run›/run.json</c>. It is put once, before the first message, and nothing in it changes: a model
/// that is promoted or an input that is replaced meanwhile changes nothing about the run.
/// </summary>
public sealed record RunPlan
{
    /// <summary>Version of this record's form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>A function of what is asked, so that asking twice makes one run: see <see cref="RunIdentity"/>.</summary>
    public required string Run { get; init; }

    /// <summary>The set of predictions, for people and metrics: the last part of the output's name.</summary>
    public required string Set { get; init; }

    /// <summary>The day, <c>2026-11-23</c>; null where neither input nor output names one.</summary>
    public string? Day { get; init; }

    /// <summary>The model, pinned.</summary>
    public required PinnedModel Model { get; init; }

    /// <summary>Where the input lies; the keys of <see cref="Inputs"/> are relative to it.</summary>
    public required StoreLocation Input { get; init; }

    /// <summary>Where the set's predictions lie: <c>CURRENT</c> is there, and the days.</summary>
    public required StoreLocation Output { get; init; }

    /// <summary>The input files, in order.</summary>
    public required ImmutableArray<RunInput> Inputs { get; init; }

    /// <summary>What the bytes of the output depend on beside model and input.</summary>
    public required RunSettings Settings { get; init; }

    /// <summary>When the predictions have to be there.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What must hold before readers get the predictions.</summary>
    public required GateThresholds Gate { get; init; }

    /// <summary>What the model was worth on the days held out at its training, where its manifest tells: <c>mean_prediction</c>, <c>psi</c> …</summary>
    public ImmutableSortedDictionary<string, double> ModelMetrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>SHA-256 of <see cref="Settings"/> and <see cref="Gate"/>.</summary>
    public required string ConfigDigest { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Key prefix of the run's output within the store of <see cref="Output"/>.</summary>
    public string OutputFolder => $"{Output.Prefix}{FolderInSet}";

    /// <summary>The same below the set, as <c>CURRENT</c> names it.</summary>
    public string FolderInSet => Day is null ? $"run={Run}/" : $"dt={Day}/run={Run}/";
}

/// <summary>An input file of a run, as it was when the run was submitted.</summary>
/// <param name="Key">Its key, relative to the run's input.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ETag">The version: a part whose file has another one by the time it is read is rejected.</param>
/// <param name="Groups">First row group of each part of the file, and the number of row groups at the end; null when the file is one part.</param>
public sealed record RunInput(string Key, long Length, string ETag, ImmutableArray<int>? Groups = null);

/// <summary>What the bytes of a run's output depend on beside model and input.</summary>
public sealed record RunSettings
{
    /// <summary>Columns that identify a row; carried over to the output.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Raw scores instead of predictions.</summary>
    public bool Raw { get; init; }

    /// <summary>Scores as 32-bit floats instead of doubles.</summary>
    public bool Float { get; init; }

    /// <summary>Whether text files begin with the column names.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Share of a part's rows that may be set aside as bad; beyond it the part is rejected.</summary>
    public double MaxRejectShare { get; init; } = 0.001;

    /// <summary>Rows that a part has at most, as far as row groups allow; null for a part a file.</summary>
    public int? PartRows { get; init; }
}
