using Juoku.Batch.Models;

namespace Juoku.Batch.Runs;

/// <summary>
/// A run that is made anew for each day whose files arrive: <c>runs/_standing/‹set›.json</c>. The bucket of its input sends its notifications to
/// the workers' queue; the day's run begins when the day's <c>_SUCCESS</c> is created, for only then is it known which files are its parts.
/// </summary>
public sealed record StandingRun
{
    /// <summary>The folder that is watched: days lie below it.</summary>
    public required StoreLocation Input { get; init; }

    /// <summary>The set's folder.</summary>
    public required StoreLocation Output { get; init; }

    /// <summary>The model by name, such as <c>ctr@champion</c>: what it names on the day is pinned then.</summary>
    public required string Model { get; init; }

    /// <summary>What the output's bytes depend on beside model and input.</summary>
    public RunSettings Settings { get; init; } = new();

    /// <summary>What must hold before readers get the predictions.</summary>
    public GateThresholds Gate { get; init; } = new();

    /// <summary>Seconds from the arrival of a day until its predictions have to be there.</summary>
    public double? DeadlineSeconds { get; init; }
}

/// <summary>Pins a model by its name, and tells what it was worth at its training.</summary>
public delegate Task<(PinnedModel Model, System.Collections.Immutable.ImmutableSortedDictionary<string, double> Metrics)> ModelPinning(string model, CancellationToken cancellation);
