using System.Collections.Immutable;
using Juoku.Batch.Models;

namespace Juoku.Batch.Runs;

/// <summary>What somebody wants predicted; <see cref="RunPlanner"/> makes a plan of it.</summary>
public sealed record RunRequest
{
    /// <summary>The model, pinned.</summary>
    public required PinnedModel Model { get; init; }

    /// <summary>The input: a folder of table files, or one file.</summary>
    public required StoreLocation Input { get; init; }

    /// <summary>The set's folder; a day at its end names the day.</summary>
    public required StoreLocation Output { get; init; }

    /// <summary>What the output's bytes depend on beside model and input.</summary>
    public RunSettings Settings { get; init; } = new();

    /// <summary>What must hold before readers get the predictions.</summary>
    public GateThresholds Gate { get; init; } = new();

    /// <summary>Time from now until the predictions have to be there.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>What the model was worth at its training: see <see cref="RunPlan.ModelMetrics"/>.</summary>
    public ImmutableSortedDictionary<string, double> ModelMetrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
