using Juoku.Batch.Models;

namespace Juoku.Batch.Runs;

/// <summary>
/// A run that is made anew for each day whose files arrive: <c>runs/_standing/‹set›.json</c>. The day's run begins when the
/// day's <c>_SUCCESS</c> is created, for only then is it known which files are its parts: the bucket of its input announces that to the workers'
/// queue, or the controller finds it.
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

    /// <summary>Days whose <c>_SUCCESS</c> is older are no business of a scan; null for the time at which this was put.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>Pins a model by its name, and tells what it was worth at its training.</summary>
public delegate Task<(PinnedModel Model, System.Collections.Immutable.ImmutableSortedDictionary<string, double> Metrics)> ModelPinning(string model, CancellationToken cancellation);
