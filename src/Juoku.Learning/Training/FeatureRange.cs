using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Learning.Features;

namespace Juoku.Learning.Training;

/// <summary>A day of a feature set, its part files on the local disk.</summary>
/// <param name="Manifest">What it is.</param>
/// <param name="Files">Paths of its part files, in order.</param>
public sealed record FeatureDay(FeatureManifest Manifest, ImmutableArray<string> Files)
{
    /// <summary>The day.</summary>
    public DateOnly Date => Manifest.Day;
}

/// <summary>
/// Days of a feature set, one after another without a gap and alike in their columns. Those of a folder are read in place; those of another
/// store are copied to the local disk, since they are read more than once, and removed when disposed.
/// </summary>
public sealed class FeatureRange : IDisposable
{
    private readonly DirectoryInfo? _copies;

    private FeatureRange(ImmutableArray<FeatureDay> days, string set, DirectoryInfo? copies) => (All, Set, _copies) = (days, set, copies);

    /// <summary>Name of the set.</summary>
    public string Set { get; }

    /// <summary>The days, in order.</summary>
    public ImmutableArray<FeatureDay> All { get; }

    /// <summary>Columns of every day.</summary>
    public ImmutableArray<FeatureColumn> Columns => All[0].Manifest.Columns;

    /// <summary>The columns of a role, in order.</summary>
    public ImmutableArray<FeatureColumn> Of(ColumnRole role) => [.. Columns.Where(column => column.Role == role)];

    /// <summary>The columns that reports are broken down by.</summary>
    public ImmutableArray<string> Breakdowns => [.. Columns.Where(column => column.Breakdown || column.Role == ColumnRole.Breakdown).Select(column => column.Name)];

    /// <summary>Finds days and brings them here.</summary>
    /// <param name="store">Store that holds the set.</param>
    /// <param name="set">Name of the set.</param>
    /// <param name="from">First day.</param>
    /// <param name="to">Last day.</param>
    /// <param name="cancellation">Stops; copies are removed.</param>
    /// <exception cref="UsageException">The last day comes before the first.</exception>
    /// <exception cref="NotFoundException">A day is missing; says which there are.</exception>
    /// <exception cref="TableException">A part file is missing, or the columns of two days differ.</exception>
    /// <exception cref="FeatureException">A manifest is damaged.</exception>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static async Task<FeatureRange> OpenAsync(IStore store, string set, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        if (to < from) throw new UsageException($"--from {Text(from)} --to {Text(to)}: the last day comes before the first");
        IReadOnlyList<DateOnly> there = await FeatureDays.ListAsync(store, set, cancellation).ConfigureAwait(false);
        DateOnly[] wanted = [.. Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(from.AddDays)];
        DateOnly[] missing = [.. wanted.Except(there)];
        if (missing.Length > 0)
        {
            string days = FeatureDays.Ranges(missing);
            throw new NotFoundException(there.Count == 0
                ? $"{store.Url}: no finished day of the feature set '{set}'; build it with juoku features build, or import it"
                : $"{store.Url}: the feature set '{set}' lacks {days}; it has {FeatureDays.Ranges(there)}");
        }

        DirectoryInfo? copies = store is FileStore ? null : Directory.CreateTempSubdirectory("juoku-features-");
        try
        {
            var found = ImmutableArray.CreateBuilder<FeatureDay>();
            foreach (DateOnly day in wanted) found.Add(await OpenDayAsync(store, set, day, copies, cancellation).ConfigureAwait(false));
            foreach (FeatureDay day in found) RefuseOtherColumns(found[0].Manifest, day.Manifest);
            return new FeatureRange(found.ToImmutable(), set, copies);
        }
        catch
        {
            copies?.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>SHA-256 over the digests of the days' part files, in order.</summary>
    public static string Digest(IEnumerable<FeatureDay> days) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.ASCII.GetBytes(string.Concat(days.SelectMany(day => day.Manifest.Files).Select(file => file.Sha256 + "\n")))));

    /// <inheritdoc/>
    public void Dispose() => _copies?.Delete(recursive: true);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<FeatureDay> OpenDayAsync(IStore store, string set, DateOnly day, DirectoryInfo? copies, CancellationToken cancellation)
    {
        string folder = FeatureDays.Folder(set, day);
        FeatureManifest manifest = await FeatureDays.FindAsync(store, set, day, cancellation).ConfigureAwait(false)
            ?? throw new NotFoundException($"{store.Url}/{folder}: is gone since the days were listed; build the day again");
        var files = ImmutableArray.CreateBuilder<string>();
        foreach (FeatureFile file in manifest.Files)
        {
            string key = folder + file.Name;
            StoredObject item = await store.FindAsync(key, cancellation).ConfigureAwait(false)
                ?? throw new TableException($"{store.Url}/{key}", "is named by the day's manifest and not there; build the day again");
            if (item.Length != file.Length)
                throw new TableException($"{store.Url}/{key}", $"has {item.Length} bytes, {file.Length} by the day's manifest; build the day again");
            files.Add(store is FileStore folderStore ? folderStore.PathTo(key) : await CopyAsync(store, item, copies!, cancellation).ConfigureAwait(false));
        }

        return new FeatureDay(manifest, files.ToImmutable());
    }

    private static async Task<string> CopyAsync(IStore store, StoredObject item, DirectoryInfo copies, CancellationToken cancellation)
    {
        const int Piece = 8 << 20;
        string path = Path.Combine(copies.FullName, item.Key.Replace('/', '_'));
        var buffer = new byte[Math.Min(Piece, item.Length)];
        await using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (long at = 0; at < item.Length; at += Piece)
        {
            Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(Piece, item.Length - at));
            await store.ReadAsync(item, at, piece, cancellation).ConfigureAwait(false);
            await file.WriteAsync(piece, cancellation).ConfigureAwait(false);
        }

        return path;
    }

    private static void RefuseOtherColumns(FeatureManifest first, FeatureManifest other)
    {
        FeatureColumn? odd = other.Columns.Except(first.Columns).Concat(first.Columns.Except(other.Columns)).FirstOrDefault();
        if (odd is not null || !other.Columns.SequenceEqual(first.Columns))
        {
            string what = odd is null ? "the order of the columns differs" : $"the column '{odd.Name}' differs";
            throw new TableException(other.Set, $"{what} between {Text(first.Day)} and {Text(other.Day)}; build these days with one definition");
        }
    }
}
