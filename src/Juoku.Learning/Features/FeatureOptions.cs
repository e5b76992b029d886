using System.Globalization;
using Juoku.Batch.Predicting;

namespace Juoku.Learning.Features;

/// <summary>Which days of which feature set to build, and with what.</summary>
public sealed record FeatureOptions
{
    /// <summary>Name of the set.</summary>
    public required string Set { get; init; }

    /// <summary>First day.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Last day; null for the first alone.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Build only those of the days that are not complete yet, and leave out those that have no logs.</summary>
    public bool OnlyMissing { get; init; }

    /// <summary>Folder of the set's definition; null to look for it by the set's name.</summary>
    public string? Definition { get; init; }

    /// <summary>Memory that DuckDB may use, in bytes.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Threads that DuckDB may use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder for what does not fit the memory; null for the system's temporary folder.</summary>
    public string? Scratch { get; init; }

    /// <summary>The days, in order.</summary>
    public IEnumerable<DateOnly> Days => Enumerable.Range(Day.DayNumber, (To ?? Day).DayNumber - Day.DayNumber + 1).Select(DateOnly.FromDayNumber);

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="UsageException">They do not.</exception>
    public void Validate()
    {
        RequireName(Set);
        if (To < Day) throw new UsageException($"--to {To:yyyy-MM-dd} lies before --day {Day:yyyy-MM-dd}");
        if (Threads is < 1 or > 1_024) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--threads {Threads}: must be 1 to 1024"));
        if (MemoryBytes < 32 << 20) throw new UsageException("--memory: must be at least 32MB");
    }

    /// <summary>Refuses a name that would not make one folder of a store.</summary>
    /// <exception cref="UsageException">It would not.</exception>
    internal static void RequireName(string set)
    {
        if (set.Length == 0 || !char.IsAsciiLetterOrDigit(set[0]) || !set.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new UsageException($"--set '{set}': a set's name is letters, digits, - and _");
    }
}
