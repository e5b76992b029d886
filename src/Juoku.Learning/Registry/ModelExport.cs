using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables.Writing;

namespace Juoku.Learning.Registry;

/// <summary>
/// Copies a version into a folder, to bake into an image or to carry to another registry: its files, <c>manifest.json</c> and
/// <c>SHA256SUMS</c>. The folder appears when every file has been compared with its digest, or not at all.
/// </summary>
public static class ModelExport
{
    /// <summary>Exports a version.</summary>
    /// <param name="registry">Where it lies.</param>
    /// <param name="manifest">The version.</param>
    /// <param name="folder">Where to; must not exist, or be empty.</param>
    /// <param name="cancellation">Stops; nothing is left.</param>
    /// <exception cref="UsageException">The folder has something in it.</exception>
    /// <exception cref="RegistryException">A file of the version is missing or differs.</exception>
    /// <exception cref="OutputException">The folder cannot be made.</exception>
    public static async Task RunAsync(ModelRegistry registry, ModelManifest manifest, string folder, CancellationToken cancellation)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new UsageException($"{folder}: something is there already; name a new folder");
        string partial = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.partial");
        try
        {
            Directory.CreateDirectory(partial);
            await CopyAsync(registry, manifest, partial, cancellation).ConfigureAwait(false);
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(partial, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(folder, $"cannot be made ({e.Message}); choose another place", e);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private static async Task CopyAsync(ModelRegistry registry, ModelManifest manifest, string folder, CancellationToken cancellation)
    {
        string prefix = RegistryKeys.Version(manifest.Name, manifest.Version);
        string sumsUrl = registry.UrlOf(prefix + RegistryKeys.SumsFile);
        StoredBytes text = await registry.Store.GetAsync(prefix + RegistryKeys.SumsFile, cancellation).ConfigureAwait(false) ?? throw new RegistryException(sumsUrl, "is missing");
        VersionSums sums = VersionSums.TryParse(text.Content.Span) ?? throw new RegistryException(sumsUrl, "is damaged (no list of digests)");
        IEnumerable<PinnedFile> files =
        [
            .. manifest.Files.Select(file => new PinnedFile(file.Name, file.Sha256)),
            .. sums.Files.Where(file => file.Name == RegistryKeys.ManifestFile),
        ];
        foreach (PinnedFile file in files)
        {
            await using FileStream copy = File.Create(Path.Combine(folder, file.Name));
            string found = await DigestedCopy.RunAsync(registry.Store, prefix + file.Name, copy, cancellation).ConfigureAwait(false)
                ?? throw new RegistryException(registry.UrlOf(prefix + file.Name), "is missing; 'juoku models verify' tells what else is");
            if (found != file.Sha256) throw new RegistryException(registry.UrlOf(prefix + file.Name), $"differs from what was registered: its SHA-256 is {found[..12]}…, not {file.Sha256[..12]}…");
        }

        await File.WriteAllBytesAsync(Path.Combine(folder, RegistryKeys.SumsFile), text.Content, cancellation).ConfigureAwait(false);
    }
}
