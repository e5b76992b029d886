using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Juoku.Batch.Stores;
using Juoku.Learning.Features.Definition;

namespace Juoku.Learning.Features.Building;

/// <summary>
/// What is kept of each day before the one that is built: <c>features/_aggregates/‹set›/dt=‹day›/‹table›.parquet</c>. A day's tables are
/// made again only when their SQL or the logs they come from have changed, so that a build does not read the raw logs of four weeks.
/// </summary>
internal sealed class HistoryTables(Database database, IStore store, SetDefinition set, LogFiles files, CleanLogs logs, ScratchFolder scratch, Steps steps)
{
    private HistoryDefinition History => set.History;

    /// <summary>Makes the views, named after the tables kept, of the days before one.</summary>
    public async Task ViewAsync(DateOnly day, IProgress<string>? progress, CancellationToken cancellation)
    {
        if (History.Keep.IsEmpty) return;
        DateOnly[] days = [.. Enumerable.Range(1, History.Days).Select(back => day.AddDays(-back)).Where(HasLogs).Order()];
        // The first day of all has no history, yet the views must have their columns: a day before it, empty.
        if (days.Length == 0) days = [day.AddDays(-1)];
        foreach (DateOnly before in days) await EnsureAsync(before, progress, cancellation).ConfigureAwait(false);
        foreach (string table in History.Keep)
        {
            var paths = new List<string>();
            foreach (DateOnly before in days) paths.Add(Database.Quote(await BringAsync(Key(before, table), cancellation).ConfigureAwait(false)));
            database.Execute($"CREATE VIEW {Database.Name(table)} AS FROM read_parquet([{string.Join(", ", paths)}], hive_partitioning = false)");
        }
    }

    /// <summary>Drops the views: steps make tables of these names for the next day.</summary>
    public void DropViews()
    {
        foreach (string table in History.Keep) database.Execute($"DROP VIEW {Database.Name(table)}");
    }

    private bool HasLogs(DateOnly day) => set.Sources.Where(source => source.Required).All(source => files.Of(source, day).Count > 0);

    private async Task EnsureAsync(DateOnly day, IProgress<string>? progress, CancellationToken cancellation)
    {
        string digest = Digest(day), stampKey = Key(day, "_manifest.json");
        if (await IsCurrentAsync(stampKey, digest, cancellation).ConfigureAwait(false)) return;

        progress?.Report($"{set.Name}: counting {day:yyyy-MM-dd}");
        await store.DeleteAsync(stampKey, cancellation).ConfigureAwait(false);
        await logs.ViewAsync(History, day, cancellation).ConfigureAwait(false);
        database.Execute($"SET VARIABLE day = {Database.Date(day)}");
        foreach (string step in History.Steps) steps.Run(step);
        foreach (string table in History.Keep)
        {
            string path = scratch["kept.parquet"];
            database.Execute($"COPY (SELECT {Database.Date(day)} AS day, * FROM {Database.Name(table)} ORDER BY ALL) TO {Database.Quote(path)} (FORMAT parquet, COMPRESSION zstd)", set.SqlPath(table));
            await StoredFile.MoveAsync(path, store, Key(day, table), cancellation).ConfigureAwait(false);
        }

        steps.Drop(History.Steps);
        await store.PutAsync(stampKey, JsonSerializer.SerializeToUtf8Bytes(new AggregateStamp(digest), FeatureJson.Default.AggregateStamp), PutCondition.None, cancellation).ConfigureAwait(false);
        logs.DropBefore(day.AddDays(1 + set.EarliestRead));
    }

    private async Task<bool> IsCurrentAsync(string stampKey, string digest, CancellationToken cancellation)
    {
        if (await store.GetAsync(stampKey, cancellation).ConfigureAwait(false) is not { } stamp) return false;
        try
        {
            return JsonSerializer.Deserialize(stamp.Content.Span, FeatureJson.Default.AggregateStamp)?.Digest == digest;
        }
        catch (JsonException)
        {
            return false; // written by something else: what it says of the tables is worth nothing, and they are made again
        }
    }

    private string Digest(DateOnly day)
    {
        var text = new StringBuilder(History.Digest);
        foreach (StoredObject item in files.Of(History.Reads, day)) text.Append('\n').Append(item.Key).Append(' ').Append(item.ETag);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private async Task<string> BringAsync(string key, CancellationToken cancellation) => await files.BringAsync(
        await store.FindAsync(key, cancellation).ConfigureAwait(false) ?? throw new FeatureException($"{store.Url}/{key}: is gone; remove the folder it was in and build again"),
        cancellation).ConfigureAwait(false);

    private string Key(DateOnly day, string name) => $"features/_aggregates/{set.Name}/{FeatureDays.Named(day)}/{name}{(name.Contains('.', StringComparison.Ordinal) ? "" : ".parquet")}";
}
