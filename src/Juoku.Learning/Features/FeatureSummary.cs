using System.Collections.Immutable;

namespace Juoku.Learning.Features;

/// <summary>A day of features that was built.</summary>
/// <param name="Manifest">What it is.</param>
/// <param name="LogRows">Rows of that day's logs that were read.</param>
/// <param name="ClicksMissing">Whether clicks that arrived after the day were not there yet: its labels are not final.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record FeatureDaySummary(FeatureManifest Manifest, long LogRows, bool ClicksMissing, double Seconds);

/// <summary>Days that a build of what is missing passed over.</summary>
/// <param name="There">Those that were complete already, in order.</param>
/// <param name="WithoutLogs">Those that have no logs, in order.</param>
public sealed record PassedDays(ImmutableArray<DateOnly> There, ImmutableArray<DateOnly> WithoutLogs);

/// <summary>What a build did.</summary>
/// <param name="Set">Name of the set.</param>
/// <param name="Days">The days that were built, in order.</param>
/// <param name="Seconds">How long it took in all.</param>
public sealed record FeatureSummary(string Set, ImmutableArray<FeatureDaySummary> Days, double Seconds)
{
    /// <summary>The days passed over; null when all were to be built.</summary>
    public PassedDays? Passed { get; init; }

    /// <summary>Rows of features.</summary>
    public long Rows => Days.Sum(day => day.Manifest.Rows);
}
