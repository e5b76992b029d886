using System.Collections.Immutable;
using Juoku.Batch.Models;
using Juoku.Batch.Stores;

namespace Juoku.Learning.Registry;

/// <summary>A file of a registry that was read again.</summary>
/// <param name="Url">Where it lies.</param>
/// <param name="Length">Bytes read; null where it is missing.</param>
/// <param name="Problem">What is wrong with it; null when it is as it was registered.</param>
public sealed record CheckedFile(string Url, long? Length, string? Problem);

/// <summary>Reads models from end to end and compares them with the digests of their registration.</summary>
/// <param name="registry">The registry.</param>
public sealed class ModelVerification(ModelRegistry registry)
{
    /// <summary>Reads every file of a version.</summary>
    /// <returns>One entry a file, those without fault too.</returns>
    public async Task<ImmutableArray<CheckedFile>> RunAsync(string name, int version, CancellationToken cancellation)
    {
        string folder = RegistryKeys.Version(name, version);
        ImmutableArray<CheckedFile>.Builder files = ImmutableArray.CreateBuilder<CheckedFile>();
        CheckedFile Add(string file, long? length, string? problem)
        {
            var found = new CheckedFile(registry.UrlOf(folder + file), length, problem);
            files.Add(found);
            return found;
        }

        StoredBytes? sumsText = await registry.Store.GetAsync(folder + RegistryKeys.SumsFile, cancellation).ConfigureAwait(false);
        VersionSums? sums = sumsText is null ? null : VersionSums.TryParse(sumsText.Content.Span);
        string? SumOf(string file) => sums?.Files.FirstOrDefault(sum => sum.Name == file)?.Sha256;
        Add(RegistryKeys.SumsFile, sumsText?.Content.Length, sumsText is null ? "is missing" : sums is null ? "is damaged (no list of digests)" : null);

        StoredBytes? text = await registry.Store.GetAsync(folder + RegistryKeys.ManifestFile, cancellation).ConfigureAwait(false);
        ModelManifest? manifest = null;
        try
        {
            manifest = text is null ? null : RegistryJson.ReadManifest(text.Content, name, version, registry.UrlOf(folder + RegistryKeys.ManifestFile));
        }
        catch (RegistryException)
        {
            // Found again below, by its digest.
        }

        Add(RegistryKeys.ManifestFile, text?.Content.Length, text is null ? "is missing" : Difference(ModelRegistry.DigestOf(text.Content), SumOf(RegistryKeys.ManifestFile)) ?? (manifest is null ? "is damaged" : null));

        // A damaged manifest lists nothing, but the digests still do.
        ImmutableArray<PinnedFile> expected = manifest is not null
            ? [.. manifest.Files.Select(file => new PinnedFile(file.Name, file.Sha256))]
            : [.. (sums?.Files ?? []).Where(file => file.Name != RegistryKeys.ManifestFile)];
        foreach (PinnedFile file in expected)
        {
            StoredObject? item = await registry.Store.FindAsync(folder + file.Name, cancellation).ConfigureAwait(false);
            string? digest = item is null ? null : await DigestedCopy.RunAsync(registry.Store, item.Key, Stream.Null, cancellation).ConfigureAwait(false);
            Add(file.Name, item?.Length, digest is null ? "is missing" : Difference(digest, file.Sha256) ?? Difference(digest, SumOf(file.Name)));
        }

        await foreach (StoredObject item in registry.Store.ListAsync(folder, cancellation).ConfigureAwait(false))
        {
            string file = item.Key[folder.Length..];
            bool isKnown = file is RegistryKeys.ManifestFile or RegistryKeys.SumsFile || expected.Any(known => known.Name == file);
            if (!isKnown && file[0] != '_') Add(file, item.Length, "does not belong to the version: it was put there later");
        }

        return files.ToImmutable();
    }

    /// <summary>Checks that the aliases of a model can be read and name versions that are there.</summary>
    public async Task<ImmutableArray<CheckedFile>> RunAliasesAsync(string name, CancellationToken cancellation)
    {
        ImmutableArray<int> versions = await registry.VersionsAsync(name, cancellation).ConfigureAwait(false);
        ImmutableArray<CheckedFile>.Builder files = ImmutableArray.CreateBuilder<CheckedFile>();
        await foreach (StoredObject item in registry.Store.ListAsync(RegistryKeys.Aliases(name), cancellation).ConfigureAwait(false))
        {
            string alias = Path.GetFileNameWithoutExtension(item.Key);
            string? problem = null;
            try
            {
                AliasState? state = item.Key == RegistryKeys.Alias(name, alias) ? await registry.FindAliasAsync(name, alias, cancellation).ConfigureAwait(false) : null;
                if (state is null) problem = "is no alias";
                else if (!versions.Contains(state.Version)) problem = $"names {name}/{state.Version}, which is not there";
            }
            catch (RegistryException e)
            {
                problem = e.Problem;
            }

            files.Add(new CheckedFile(registry.UrlOf(item.Key), item.Length, problem));
        }

        return files.ToImmutable();
    }

    private static string? Difference(string found, string? expected) =>
        expected is null || found == expected ? null : $"differs: its SHA-256 is {found[..12]}…, that of its registration {expected[..Math.Min(12, expected.Length)]}…";
}
