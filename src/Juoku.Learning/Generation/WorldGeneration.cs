using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;

namespace Juoku.Learning.Generation;

/// <summary>What was generated.</summary>
/// <param name="Store">Where.</param>
/// <param name="FirstDay">First day of the logs.</param>
/// <param name="LastDay">Last day; its late clicks are in the day after.</param>
/// <param name="Impressions">Rows of the impression logs, with those logged twice or spoilt.</param>
/// <param name="Clicks">Rows of the click logs, likewise.</param>
/// <param name="ClickRate">Mean true chance of a click.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record WorldSummary(string Store, DateOnly FirstDay, DateOnly LastDay, long Impressions, long Clicks, double ClickRate, double Seconds);

/// <summary>
/// Writes the logs of a generated world into a store, and the truth beside them. Days are cut into parts of whole hours, each drawn by
/// one thread from random streams of its own, so the bytes do not depend on the threads. A day's clicks are written when its parts and
/// those of the day before are done; parts are handed out in order, so that what a thread waits for has begun.
/// </summary>
public sealed class WorldGeneration
{
    private const int PartRows = 2_000_000;
    private const string StampKey = "truth/_world.json";

    private readonly IStore _store;
    private readonly AdWorld _world;
    private readonly Part[] _parts;
    private readonly IProgress<string>? _progress;
    private long _impressions;
    private long _clicks;
    private long _done;

    private WorldGeneration(IStore store, WorldOptions options, IProgress<string>? progress)
    {
        (_store, _progress) = (store, progress);
        _world = new AdWorld(options);
        int parts = Math.Clamp((options.DailyImpressions + PartRows - 1) / PartRows, 1, 24);
        _parts = [.. from day in Enumerable.Range(0, options.Days) from part in Enumerable.Range(0, parts) select new Part(day, part, parts)];
    }

    /// <summary>Generates a world.</summary>
    /// <param name="store">Gets the logs and the truth.</param>
    /// <param name="options">What world.</param>
    /// <param name="replace">Removes another generated world that is there already.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops it; files that are complete stay.</param>
    /// <exception cref="UsageException">The options make no sense, or the store holds other logs.</exception>
    public static async Task<WorldSummary> RunAsync(
        IStore store, WorldOptions options, bool replace = false, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        long start = Stopwatch.GetTimestamp();
        await ClaimAsync(store, options, replace, cancellation).ConfigureAwait(false);
        progress?.Report("making people and ads");
        var generation = new WorldGeneration(store, options, progress);
        double chances = await generation.RunAsync(cancellation).ConfigureAwait(false);
        return new WorldSummary(
            store.Url, options.Start, options.Start.AddDays(options.Days - 1), generation._impressions, generation._clicks, chances,
            Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private async Task<double> RunAsync(CancellationToken cancellation)
    {
        WorldOptions options = _world.Options;
        await LogTables.WriteUsersAsync(_store, _world.People, cancellation).ConfigureAwait(false);
        foreach (DateOnly date in options.Dates)
            await LogTables.WriteAdsAsync(_store, options.Start, date, _world.Ads.OnShow(date.DayNumber - options.Start.DayNumber), cancellation).ConfigureAwait(false);

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };
        await Parallel.ForEachAsync(_parts, parallel, async (part, cancel) =>
        {
            try
            {
                part.Result.SetResult(await DrawAsync(part, cancel).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                // Whoever waits for this part must not wait for ever; the error itself goes up from here.
                part.Result.SetException(e);
                throw;
            }

            if (part.Index == part.Of - 1) await WriteClicksAsync(part.Day, cancel).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await WriteClicksAsync(options.Days, cancellation).ConfigureAwait(false);

        double chances = 0;
        long sound = 0;
        foreach (Part part in _parts)
        {
            PartResult result = await part.Result.Task.ConfigureAwait(false);
            chances += result.Chances;
            sound += result.Sound;
        }

        return chances / sound;
    }

    private async Task<PartResult> DrawAsync(Part part, CancellationToken cancellation)
    {
        DateOnly date = _world.Options.Start.AddDays(part.Day);
        await using ObjectWriter impressions = await _store.CreateAsync(LogTables.Key("logs/impressions", date, part.Index), cancellation).ConfigureAwait(false);
        await using ObjectWriter truth = await _store.CreateAsync(LogTables.Key("truth", date, part.Index), cancellation).ConfigureAwait(false);
        var rows = new ImpressionRows(DayPart.BatchRows);
        var hours = new DayPart(_world, part.Day, part.FirstHour, rows);
        double chances = 0;
        long sound = 0;
        using (var log = new ParquetLog(impressions.Stream, LogTables.Impressions))
        using (var truthLog = new ParquetLog(truth.Stream, LogTables.Truth))
        {
            void Flush()
            {
                if (rows.Count == 0) return;
                LogTables.Write(log, rows);
                LogTables.WriteTruth(truthLog, rows);
                for (int i = 0; i < rows.TruthCount; i++) chances += rows.Probability[i];
                sound += rows.TruthCount;
                Interlocked.Add(ref _impressions, rows.Count);
                rows.Count = rows.TruthCount = 0;
            }

            for (int hour = part.FirstHour; hour < part.EndHour; hour++) hours.Draw(hour, Flush, cancellation);
            Flush();
            log.Close();
            truthLog.Close();
        }

        await impressions.CompleteAsync(cancellation).ConfigureAwait(false);
        await truth.CompleteAsync(cancellation).ConfigureAwait(false);
        _progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _done)} of {_parts.Length} files, {Interlocked.Read(ref _impressions):N0} impressions"));
        return new PartResult(chances, sound)
        {
            OnTime = [.. hours.Clicks.Where(click => click.Arrived < hours.End)],
            Late = [.. hours.Clicks.Where(click => click.Arrived >= hours.End)],
        };
    }

    /// <summary>Writes what arrived on a day: the day's own clicks and the late ones of the day before.</summary>
    private async Task WriteClicksAsync(int day, CancellationToken cancellation)
    {
        var clicks = new List<Click>();
        foreach (Part part in _parts)
        {
            if (part.Day != day && part.Day != day - 1) continue;
            PartResult result = await part.Result.Task.WaitAsync(cancellation).ConfigureAwait(false);
            clicks.AddRange(part.Day == day ? result.OnTime : result.Late);
            // Each is wanted once; a long run must not keep all clicks of all days.
            if (part.Day == day) result.OnTime = [];
            else result.Late = [];
        }

        Click[] ordered = [.. clicks.OrderBy(click => click.Arrived).ThenBy(click => click.Impression).ThenBy(click => click.Time)];
        await LogTables.WriteClicksAsync(_store, _world.Options.Start.AddDays(day), ordered, cancellation).ConfigureAwait(false);
        Interlocked.Add(ref _clicks, ordered.Length);
    }

    /// <summary>Makes sure that the store holds no other logs. The stamp goes first, so that an interrupted run can be run again.</summary>
    private static async Task ClaimAsync(IStore store, WorldOptions options, bool replace, CancellationToken cancellation)
    {
        byte[] stamp = JsonSerializer.SerializeToUtf8Bytes(
            new WorldStamp(options.Users, options.Ads, options.Days, options.Seed, options.Start, options.DailyImpressions), WorldJson.Default.WorldStamp);
        StoredBytes? found = await store.GetAsync(StampKey, cancellation).ConfigureAwait(false);
        if (found is not null && found.Content.Span.SequenceEqual(stamp)) return;
        if (found is null)
        {
            await foreach (StoredObject log in store.ListAsync("logs/", cancellation).ConfigureAwait(false))
                throw new UsageException($"{store.Url}: holds logs that were not generated ({log.Key}); choose another --output");
        }
        else if (!replace)
        {
            throw new UsageException($"{store.Url}: holds another generated world; choose another --output, or add --replace to remove it");
        }

        foreach (string prefix in (string[])["logs/", "truth/"])
            await foreach (StoredObject old in store.ListAsync(prefix, cancellation).ConfigureAwait(false))
                if (old.Key != StampKey) await store.DeleteAsync(old.Key, cancellation).ConfigureAwait(false);
        await store.PutAsync(StampKey, stamp, PutCondition.None, cancellation).ConfigureAwait(false);
    }

    private sealed class PartResult(double chances, long sound)
    {
        public double Chances => chances;

        public long Sound => sound;

        public required Click[] OnTime { get; set; }

        public required Click[] Late { get; set; }
    }

    private sealed record Part(int Day, int Index, int Of)
    {
        public int FirstHour => 24 * Index / Of;

        public int EndHour => 24 * (Index + 1) / Of;

        public TaskCompletionSource<PartResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
