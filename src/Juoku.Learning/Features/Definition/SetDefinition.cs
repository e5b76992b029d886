using System.Collections.Immutable;

namespace Juoku.Learning.Features.Definition;

/// <summary>A feature set as its folder defines it: <c>set.yaml</c> and a SQL file a step.</summary>
internal sealed record SetDefinition
{
    public required string Name { get; init; }

    /// <summary>The folder it was read from.</summary>
    public required string Folder { get; init; }

    public required double RejectLimit { get; init; }

    /// <summary>Share of the rows without click that is kept.</summary>
    public required double Negatives { get; init; }

    public required int RowsPerFile { get; init; }

    /// <summary>The logs, in the order of the file: checks may ask those above.</summary>
    public required ImmutableArray<SourceDefinition> Sources { get; init; }

    public required HistoryDefinition History { get; init; }

    public required StepsDefinition Features { get; init; }

    public required ImmutableArray<FeatureColumn> Columns { get; init; }

    /// <summary>Text of the SQL files, by name without extension.</summary>
    public required ImmutableSortedDictionary<string, string> Sql { get; init; }

    /// <summary>SHA-256 of the YAML and all SQL.</summary>
    public required string Digest { get; init; }

    /// <summary>How far before a day its steps read, at most: 0 or less.</summary>
    public int EarliestRead => Features.Reads.Concat(History.Reads).Select(read => read.First).Append(0).Min();

    /// <summary>Path of a SQL file, for messages.</summary>
    public string SqlPath(string step) => Path.Combine(Folder, step + ".sql");
}

/// <summary>A log that features are made from.</summary>
/// <param name="Name">Its name in SQL.</param>
/// <param name="Path">Its folder in the store.</param>
/// <param name="ByDay">Whether it has a folder for each day.</param>
/// <param name="Required">Whether a day cannot be built without that day of it.</param>
/// <param name="Unique">Columns that tell one row from another; of rows that agree in them, one is kept. Empty: every row is kept.</param>
/// <param name="FirstBy">Of rows that agree, the first by this column is kept.</param>
/// <param name="Rejects">Checks, in order.</param>
internal sealed record SourceDefinition(
    string Name, string Path, bool ByDay, bool Required, ImmutableArray<string> Unique, string? FirstBy, ImmutableArray<RejectDefinition> Rejects);

/// <summary>A check of a log's rows.</summary>
/// <param name="Reason">What a row for which it holds is.</param>
/// <param name="When">SQL condition that holds for a malformed row.</param>
internal sealed record RejectDefinition(string Reason, string When);

/// <summary>Days of a source that steps read, relative to the day they are for.</summary>
/// <param name="Source">The source.</param>
/// <param name="First">First day: −1 is the day before.</param>
/// <param name="Last">Last day.</param>
internal sealed record ReadDefinition(SourceDefinition Source, int First, int Last);

/// <summary>SQL files that run one after another, each making a table of its name.</summary>
/// <param name="Reads">What they may read, besides one another.</param>
/// <param name="Steps">Their names.</param>
internal record StepsDefinition(ImmutableArray<ReadDefinition> Reads, ImmutableArray<string> Steps);

/// <summary>Tables made of each day before the one that is built, and kept.</summary>
/// <param name="Days">How many days before.</param>
/// <param name="Reads">What the steps may read.</param>
/// <param name="Steps">The steps.</param>
/// <param name="Keep">Those whose tables are kept.</param>
/// <param name="Digest">SHA-256 of everything that the tables depend on, apart from the logs.</param>
internal sealed record HistoryDefinition(int Days, ImmutableArray<ReadDefinition> Reads, ImmutableArray<string> Steps, ImmutableArray<string> Keep, string Digest)
    : StepsDefinition(Reads, Steps);
