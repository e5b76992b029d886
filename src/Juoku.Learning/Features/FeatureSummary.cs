using System.Collections.Immutable;

namespace Juoku.Learning.Features;

/// <summary>A day of features that was built.</summary>
/// <param name="Manifest">What it is.</param>
/// <param name="LogRows">Rows of that day's logs that were read.</param>
/// <param name="ClicksMissing">Whether clicks that arrived after the day were not there yet: its labels are not final.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record FeatureDaySummary(FeatureManifest Manifest, long LogRows, bool ClicksMissing, double Seconds);

/// <summary>What a build did.</summary>
/// <param name="Days">The days, in order.</param>
/// <param name="Seconds">How long it took in all.</param>
public sealed record FeatureSummary(ImmutableArray<FeatureDaySummary> Days, double Seconds)
{
    /// <summary>Rows of features.</summary>
    public long Rows => Days.Sum(day => day.Manifest.Rows);
}
