using Juoku.Batch.Stores;

namespace Juoku.Batch.Models;

/// <summary>
/// Models on the local disk, each fetched once from its store: <c>‹folder›/‹content digest›/model.txt …</c>. Any number of processes share a
/// cache. A model is fetched into a folder of a random name, every file is compared with its digest, and the folder is renamed; where two
/// fetch at once the second rename fails and what the first brought is used. What is found is read again and compared before it is trusted,
/// so that neither an edit nor a power loss gets scored with.
/// </summary>
public sealed class ModelCache
{
    private const string PartialSuffix = ".partial";
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);

    private readonly Adapters _adapters;
    private readonly string _folder;
    private readonly long _capacity;
    private readonly TimeProvider _time;

    /// <summary>A cache in a folder, which is made when something is first fetched.</summary>
    /// <param name="adapters">Open the stores that models name.</param>
    /// <param name="folder">Where; <see cref="DefaultFolder"/> when null.</param>
    /// <param name="capacity">Bytes to keep to: beyond them, models that nobody asked for lately go, the longest unused first.</param>
    /// <param name="time">Clock for that.</param>
    public ModelCache(Adapters adapters, string? folder = null, long capacity = 4L << 30, TimeProvider? time = null) =>
        (_adapters, _folder, _capacity, _time) = (adapters, folder ?? DefaultFolder(), capacity, time ?? TimeProvider.System);

    /// <summary><c>$JUOKU_CACHE/models</c>, else <c>$XDG_CACHE_HOME/juoku/models</c>, else <c>~/.cache/juoku/models</c>.</summary>
    public static string DefaultFolder()
    {
        if (Environment.GetEnvironmentVariable("JUOKU_CACHE") is { Length: > 0 } own) return Path.Combine(own, "models");
        string caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "juoku", "models");
    }

    /// <summary>Makes sure that a model is here.</summary>
    /// <returns>The folder that holds its files, every one with the right bytes: load <c>model.txt</c> from it.</returns>
    /// <exception cref="ModelFilesException">The store has not the files that the model names, or they have other bytes.</exception>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<string> FetchAsync(PinnedModel model, CancellationToken cancellation)
    {
        RefuseStrayNames(model);
        string folder = Path.Combine(_folder, model.ContentDigest());
        if (await HoldsAsync(folder, model, cancellation).ConfigureAwait(false))
        {
            Directory.SetLastWriteTimeUtc(folder, _time.GetUtcNow().UtcDateTime);
            return folder;
        }

        string partial = Path.Combine(_folder, $".{Path.GetRandomFileName()}{PartialSuffix}");
        try
        {
            Directory.CreateDirectory(partial);
            await DownloadAsync(model, partial, cancellation).ConfigureAwait(false);
            await TakePlaceAsync(partial, folder, model, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Remove(partial);
        }

        Trim(keep: folder);
        return folder;
    }

    /// <summary>The names become paths: those of a registry are plain, but a message on a queue may say anything.</summary>
    private static void RefuseStrayNames(PinnedModel model)
    {
        foreach (PinnedFile file in model.Files)
        {
            if (file.Name.Length == 0 || file.Name[0] == '.' || file.Name.AsSpan().ContainsAny('/', '\\', '\0'))
                throw new ModelFilesException(model.Name, $"'{file.Name}' is no name of a model's file");
        }

        if (model.Files.FirstOrDefault(file => file.Name == PinnedModel.ModelFile)?.Sha256 != model.Digest)
            throw new ModelFilesException(model.Name, $"its list of files has no {PinnedModel.ModelFile} with the model's digest");
    }

    private async Task DownloadAsync(PinnedModel model, string folder, CancellationToken cancellation)
    {
        await using IStore store = _adapters.OpenStore(model.Store);
        foreach (PinnedFile file in model.Files)
        {
            string url = $"{model.Store.TrimEnd('/')}/{model.Folder}{file.Name}";
            await using FileStream copy = File.Create(Path.Combine(folder, file.Name));
            string found = await DigestedCopy.RunAsync(store, model.Folder + file.Name, copy, cancellation).ConfigureAwait(false)
                ?? throw new ModelFilesException(url, $"is missing, and {model.Name} needs it; 'juoku models verify' tells what else is", isMissing: true);
            if (found != file.Sha256)
                throw new ModelFilesException(url, $"has SHA-256 {found} where {model.Name} has {file.Sha256}; it was changed after it was registered");
        }
    }

    private static async Task<bool> HoldsAsync(string folder, PinnedModel model, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) return false;
        await using FileStore here = FileStore.Open(folder);
        foreach (PinnedFile file in model.Files)
            if (await DigestedCopy.RunAsync(here, file.Name, Stream.Null, cancellation).ConfigureAwait(false) != file.Sha256) return false;
        return true;
    }

    private static async Task TakePlaceAsync(string partial, string folder, PinnedModel model, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Move(partial, folder);
                return;
            }
            catch (IOException) when (Directory.Exists(folder) && attempt < 10)
            {
                if (await HoldsAsync(folder, model, cancellation).ConfigureAwait(false)) return; // another was quicker

                // Damaged: it steps aside under a name of its own, so that of several who find it so none removes a good one's files.
                string aside = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetRandomFileName()}{PartialSuffix}");
                TryMove(folder, aside);
                Remove(aside);
            }
        }
    }

    private void Trim(string keep)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        long held = 0;
        foreach (DirectoryInfo model in new DirectoryInfo(_folder).GetDirectories().OrderByDescending(model => model.LastWriteTimeUtc))
        {
            bool isPartial = model.Name.EndsWith(PartialSuffix, StringComparison.Ordinal);
            if (!isPartial) held += SizeOf(model);
            if (now - model.LastWriteTimeUtc > (isPartial ? Abandoned : InUse) && (isPartial || held > _capacity) && model.FullName != Path.GetFullPath(keep))
                Remove(model.FullName);
        }
    }

    private static long SizeOf(DirectoryInfo folder)
    {
        try
        {
            return folder.EnumerateFiles().Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0; // another process removed it meanwhile
        }
    }

    private static void TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process moved it first.
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Another process is at it too, and what is left is swept in a day: nothing of ours depends on it.
        }
    }
}
