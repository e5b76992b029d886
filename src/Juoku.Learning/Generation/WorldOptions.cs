using System.Globalization;
using Juoku.Batch.Predicting;

namespace Juoku.Learning.Generation;

/// <summary>What world to generate. The same options give the same bytes, whatever <see cref="Threads"/> is.</summary>
public sealed record WorldOptions
{
    /// <summary>People.</summary>
    public int Users { get; init; } = 100_000;

    /// <summary>Ads on show each day; a few of them are replaced by new ones every night.</summary>
    public int Ads { get; init; } = 1_000;

    /// <summary>Days of logs.</summary>
    public int Days { get; init; } = 35;

    /// <summary>Seed of everything.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>First day.</summary>
    public DateOnly Start { get; init; } = new(2026, 10, 27);

    /// <summary>Impressions of an average day; null for one a user.</summary>
    public int? ImpressionsPerDay { get; init; }

    /// <summary>Threads that generate.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Impressions of an average day.</summary>
    public int DailyImpressions => ImpressionsPerDay ?? Users;

    /// <summary>The days, in order.</summary>
    public IEnumerable<DateOnly> Dates => Enumerable.Range(0, Days).Select(day => Start.AddDays(day));

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="UsageException">They do not.</exception>
    public void Validate()
    {
        InRange("--users", Users, 1, 1_000_000_000);
        InRange("--ads", Ads, 1, 10_000_000);
        InRange("--days", Days, 1, 3_660);
        InRange("--impressions-per-day", DailyImpressions, 24, 2_000_000_000);
        InRange("--threads", Threads, 1, 1_024);
    }

    private static void InRange(string option, int value, int least, int most)
    {
        if (value < least || value > most)
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} {value}: must be {least} to {most}"));
    }
}
