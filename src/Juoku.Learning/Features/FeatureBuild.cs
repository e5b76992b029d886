using System.Collections.Immutable;
using System.Diagnostics;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Features.Building;
using Juoku.Learning.Features.Definition;

namespace Juoku.Learning.Features;

/// <summary>Builds days of a feature set from the logs in a store, as the set's SQL says.</summary>
public sealed class FeatureBuild
{
    private readonly IStore _store;
    private readonly SetDefinition _set;
    private readonly LogFiles _files;
    private readonly Database _database;
    private readonly Steps _steps;
    private readonly CleanLogs _logs;
    private readonly HistoryTables _history;
    private readonly FeatureDayWriter _writer;
    private readonly IProgress<string>? _progress;

    private FeatureBuild(IStore store, SetDefinition set, LogFiles files, Database database, ScratchFolder scratch, IProgress<string>? progress)
    {
        (_store, _set, _files, _database, _progress) = (store, set, files, database, progress);
        _steps = new Steps(database, set);
        _logs = new CleanLogs(database, store, set, files, scratch);
        _history = new HistoryTables(database, store, set, files, _logs, scratch, _steps);
        _writer = new FeatureDayWriter(database, store, scratch);
    }

    /// <summary>Builds the days, one after another. Each is there whole or not at all.</summary>
    /// <exception cref="UsageException">The options make no sense.</exception>
    /// <exception cref="NotFoundException">There is no such set, or no logs of a day; of missing days, of none of them.</exception>
    /// <exception cref="FeatureException">The definition is wrong, or too many rows are malformed.</exception>
    /// <exception cref="IOException">A disk is full, or a file cannot be read.</exception>
    public static async Task<FeatureSummary> RunAsync(
        IStore store, FeatureOptions options, IProgress<string>? progress = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        options.Validate();
        long start = Stopwatch.GetTimestamp();
        SetDefinition set = SetReader.Read(options.Set, options.Definition);
        using ScratchFolder scratch = ScratchFolder.Create(options.Scratch ?? Path.GetTempPath());
        LogFiles files = await LogFiles.ListAsync(store, set, scratch, cancellation).ConfigureAwait(false);
        var missing = options.OnlyMissing ? new MissingDays(store, set, files, time ?? TimeProvider.System) : null;
        ImmutableArray<DateOnly> wanted = missing is null ? [.. options.Days] : await missing.FindAsync([.. options.Days], cancellation).ConfigureAwait(false);
        foreach (DateOnly day in wanted)
            foreach (SourceDefinition source in set.Sources.Where(source => source.Required)) files.Require(source, day);

        using var database = new Database(scratch, options.MemoryBytes, options.Threads, cancellation);
        var build = new FeatureBuild(store, set, files, database, scratch, progress);
        build._steps.SetUp();
        var days = ImmutableArray.CreateBuilder<FeatureDaySummary>();
        foreach (DateOnly day in wanted)
        {
            // By now another build may have made it.
            if (missing is not null && await missing.PassAsync(day, cancellation).ConfigureAwait(false)) continue;
            days.Add(await build.BuildAsync(day, cancellation).ConfigureAwait(false));
        }

        return new FeatureSummary(set.Name, days.ToImmutable(), Stopwatch.GetElapsedTime(start).TotalSeconds) { Passed = missing?.Passed };
    }

    private async Task<FeatureDaySummary> BuildAsync(DateOnly day, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        await _history.ViewAsync(day, _progress, cancellation).ConfigureAwait(false);
        _progress?.Report($"{_set.Name}: building {day:yyyy-MM-dd}");
        await _logs.ViewAsync(_set.Features, day, cancellation).ConfigureAwait(false);
        _database.Execute($"SET VARIABLE day = {Database.Date(day)}");
        ImmutableArray<string> tables = _set.Features.Steps[..^1];
        foreach (string step in tables) _steps.Run(step);
        string last = _set.Features.Steps[^1];
        _steps.RunLast(last);

        long rows = 0, duplicates = 0;
        var rejects = ImmutableSortedDictionary.CreateBuilder<string, long>();
        foreach (ReadDefinition read in _set.Features.Reads)
        {
            CleanLogs.LogDay log = await _logs.CleanAsync(read.Source, day, cancellation).ConfigureAwait(false);
            (rows, duplicates) = (rows + (read.Source.ByDay ? log.Rows : 0), duplicates + log.Duplicates);
            foreach ((string reason, long count) in log.Rejects) rejects[$"{read.Source.Name}: {reason}"] = count;
        }

        FeatureManifest manifest = await _writer.WriteAsync(last, _set.SqlPath(last), new FeatureManifest
        {
            Set = _set.Name,
            Day = day,
            Columns = _set.Columns,
            Files = [],
            Rows = 0,
            NegativeRate = _set.Negatives,
            Rejects = rejects.ToImmutable(),
            Duplicates = duplicates,
            DefinitionDigest = _set.Digest,
            Sources = Sources(day),
        }, _set.RowsPerFile, cancellation).ConfigureAwait(false);

        _database.Execute($"DROP VIEW {Database.Name(last)}");
        _steps.Drop(tables);
        _history.DropViews();
        _logs.DropBefore(day.AddDays(_set.EarliestRead));
        return new FeatureDaySummary(manifest, rows, IsIncomplete(day), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Whether a log whose later days are read ends before them.</summary>
    private bool IsIncomplete(DateOnly day) => _set.Features.Reads.Any(read => read.Last > 0 && _files.Of(read.Source, day.AddDays(read.Last)).Count == 0);

    private ImmutableArray<SourceFile> Sources(DateOnly day) =>
    [
        .. _files.Of(_set.Features.Reads, day)
            .Concat(Enumerable.Range(1, _set.History.Days).SelectMany(back => _files.Of(_set.History.Reads, day.AddDays(-back))))
            .DistinctBy(item => item.Key).OrderBy(item => item.Key, StringComparer.Ordinal)
            .Select(item => new SourceFile(item.Key, item.Length, item.ETag)),
    ];
}
