using System.Collections.Immutable;

namespace Juoku.Bench;

/// <summary>How thoroughly a benchmark runs.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Fewer rounds and shorter samples: figures to look at, not to keep.</summary>
    public bool Quick { get; init; }

    /// <summary>Names of the cases to run; empty for all.</summary>
    public ImmutableArray<string> Cases { get; init; } = [];

    /// <summary>Folder that keeps models and rows between runs; the user's cache folder where it is null.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// One-thread scoring is timed by the thread's processor time instead of the clock on the wall: ratios to look at where other work keeps
    /// the cores busy, not to keep.
    /// </summary>
    public bool ThreadTime { get; init; }

    internal TimeProvider Clock => ThreadTime ? new Timing.ThreadClock() : TimeProvider.System;

    internal int Rounds => Quick ? 5 : 9;

    internal TimeSpan SampleTime => TimeSpan.FromMilliseconds(Quick ? 50 : 120);

    internal bool Wants(string name) => Cases.IsEmpty || Cases.Contains(name);

    internal Models.BenchmarkCache OpenCache() => CacheFolder is null ? Models.BenchmarkCache.OfThisUser() : new Models.BenchmarkCache(CacheFolder);
}
