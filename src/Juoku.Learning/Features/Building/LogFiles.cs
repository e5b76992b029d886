using System.Collections.Immutable;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Features.Definition;

namespace Juoku.Learning.Features.Building;

/// <summary>The files of a set's logs, by source and day, and where DuckDB finds them: in place, or brought to the scratch folder.</summary>
internal sealed class LogFiles
{
    private readonly IStore _store;
    private readonly ScratchFolder _scratch;
    private readonly Dictionary<string, SortedDictionary<DateOnly, List<StoredObject>>> _days = [];
    private readonly Dictionary<string, List<StoredObject>> _whole = [];

    private LogFiles(IStore store, ScratchFolder scratch) => (_store, _scratch) = (store, scratch);

    /// <summary>Looks what there is.</summary>
    /// <exception cref="NotFoundException">A source has no files at all.</exception>
    public static async Task<LogFiles> ListAsync(IStore store, SetDefinition set, ScratchFolder scratch, CancellationToken cancellation)
    {
        var files = new LogFiles(store, scratch);
        foreach (SourceDefinition source in set.Sources)
        {
            string prefix = source.Path + "/";
            var days = files._days[source.Name] = [];
            var whole = files._whole[source.Name] = [];
            await foreach (StoredObject item in store.ListAsync(prefix, cancellation).ConfigureAwait(false))
            {
                string name = item.Key[(item.Key.LastIndexOf('/') + 1)..];
                if (name[0] == '_' || !name.EndsWith(".parquet", StringComparison.Ordinal)) continue;
                if (!source.ByDay) whole.Add(item);
                else if (FeatureDays.DayOf(item.Key, prefix) is not { } day) continue;
                else if (days.TryGetValue(day, out List<StoredObject>? ofDay)) ofDay.Add(item);
                else days[day] = [item];
            }

            if (days.Count + whole.Count == 0)
                throw new NotFoundException($"{store.Url}/{source.Path}: holds no Parquet files{(source.ByDay ? " in folders dt=yyyy-mm-dd" : "")}; put the logs there, or run juoku generate");
        }

        return files;
    }

    /// <summary>Files of a day, in order of their keys; empty when there are none. Those of a source without days are the same every day.</summary>
    public IReadOnlyList<StoredObject> Of(SourceDefinition source, DateOnly day) =>
        !source.ByDay ? _whole[source.Name] : _days[source.Name].TryGetValue(day, out List<StoredObject>? files) ? files : [];

    /// <summary>Files of the days that steps read for a day.</summary>
    public ImmutableArray<StoredObject> Of(IEnumerable<ReadDefinition> reads, DateOnly day) =>
        [.. reads.SelectMany(read => Enumerable.Range(read.First, read.Last - read.First + 1).SelectMany(offset => Of(read.Source, day.AddDays(offset))))];

    /// <summary>A file that shows the columns of a day without files: of the nearest day that has some.</summary>
    public StoredObject Example(SourceDefinition source, DateOnly day) => !source.ByDay
        ? _whole[source.Name][0]
        : _days[source.Name].MinBy(pair => Math.Abs(pair.Key.DayNumber - day.DayNumber)).Value[0];

    /// <summary>Refuses a day that a required source does not have.</summary>
    /// <exception cref="NotFoundException">It does not; says which days there are.</exception>
    public void Require(SourceDefinition source, DateOnly day)
    {
        if (Of(source, day).Count == 0) throw Lacking(source, $"/{FeatureDays.Named(day)}: no logs of that day");
    }

    /// <summary>Refuses days of which a required source has none.</summary>
    /// <exception cref="NotFoundException">It has none; says which days there are.</exception>
    public void Require(SourceDefinition source, IReadOnlyList<DateOnly> days)
    {
        if (days.All(day => Of(source, day).Count == 0)) throw Lacking(source, $": no logs of {FeatureDays.Ranges(days)}");
    }

    /// <summary>Where a file lies on this machine, after bringing it here if need be.</summary>
    public async Task<string> BringAsync(StoredObject item, CancellationToken cancellation)
    {
        if (_store is FileStore folder) return folder.PathTo(item.Key);
        string path = _scratch[item.Key.Replace('/', '!')];
        if (File.Exists(path)) return path;
        string partial = path + ".partial";
        await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            var buffer = new byte[4 << 20];
            for (long offset = 0; offset < item.Length; offset += buffer.Length)
            {
                Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, item.Length - offset));
                await _store.ReadAsync(item, offset, piece, cancellation).ConfigureAwait(false);
                await file.WriteAsync(piece, cancellation).ConfigureAwait(false);
            }
        }

        File.Move(partial, path);
        return path;
    }

    /// <summary>Forgets what was brought here of an item.</summary>
    public void Drop(StoredObject item)
    {
        if (_store is not FileStore) File.Delete(_scratch[item.Key.Replace('/', '!')]);
    }

    private NotFoundException Lacking(SourceDefinition source, string what)
    {
        SortedDictionary<DateOnly, List<StoredObject>> days = _days[source.Name];
        string gap = days.Count == days.Last().Key.DayNumber - days.First().Key.DayNumber + 1 ? "" : ", with gaps";
        return new NotFoundException($"{_store.Url}/{source.Path}{what}; there are {days.First().Key:yyyy-MM-dd} to {days.Last().Key:yyyy-MM-dd}{gap}");
    }
}
