using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Forest;

namespace Juoku.Learning.Registry;

/// <summary>
/// Models in a store, in versions that never change. A registration first <em>claims</em> a number: it puts <c>_claim.json</c> into the folder
/// of the next one, if absent. Of all who try exactly one succeeds, and only that one ever writes into the folder. It puts the files, then their
/// digests, and last <c>manifest.json</c>: a version without one is not there for any reader. What a killed registration leaves is a number
/// that nobody uses again, so its files are never mixed with another's.
/// </summary>
public sealed class ModelRegistry
{
    private readonly IStore _store;
    private readonly TimeProvider _time;

    /// <summary>The registry in a store.</summary>
    /// <param name="store">Stays the caller's to dispose.</param>
    /// <param name="by">Who registers and promotes, for the records; user and machine when null.</param>
    /// <param name="time">Clock for the records.</param>
    public ModelRegistry(IStore store, string? by = null, TimeProvider? time = null) =>
        (_store, By, _time) = (store, by ?? $"{Environment.UserName}@{Environment.MachineName}", time ?? TimeProvider.System);

    /// <summary>URL of the store.</summary>
    public string Url => _store.Url;

    internal IStore Store => _store;

    internal string By { get; }

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Registers a model as the next version of its name.</summary>
    /// <param name="draft">What is known of it; version, time and files are filled in here.</param>
    /// <param name="files">Its files: <c>model.txt</c>, and what belongs to it.</param>
    /// <param name="cancellation">Stops; what was written stays invisible.</param>
    /// <returns>The manifest as registered.</returns>
    /// <exception cref="UsageException">The name cannot be one.</exception>
    /// <exception cref="ModelFormatException">The model cannot be scored.</exception>
    /// <exception cref="RegistryException">The files or features do not fit the model.</exception>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    public async Task<ModelManifest> RegisterAsync(ModelManifest draft, IReadOnlyList<ModelUpload> files, CancellationToken cancellation)
    {
        ModelReference.RefuseBadName(draft.Name, "a model");
        RefuseMisfits(draft, files);
        int version = await ClaimAsync(draft.Name, cancellation).ConfigureAwait(false);
        string folder = RegistryKeys.Version(draft.Name, version);
        foreach (ModelUpload file in files)
        {
            await using ObjectWriter writer = await _store.CreateAsync(folder + file.Name, cancellation).ConfigureAwait(false);
            await writer.Stream.WriteAsync(file.Content, cancellation).ConfigureAwait(false);
            await writer.CompleteAsync(cancellation).ConfigureAwait(false);
        }

        ModelManifest manifest = draft with
        {
            Version = version,
            Created = Now,
            Files = [.. files.Select(file => new ModelFile(file.Name, file.Content.Length, DigestOf(file.Content)))],
        };
        byte[] content = RegistryJson.Write(manifest, RegistryJson.Readable.ModelManifest);
        var sums = new VersionSums([.. manifest.Files.Select(file => new PinnedFile(file.Name, file.Sha256)), new PinnedFile(RegistryKeys.ManifestFile, DigestOf(content))]);
        await _store.PutAsync(folder + RegistryKeys.SumsFile, Encoding.UTF8.GetBytes(sums.ToString()), PutCondition.None, cancellation).ConfigureAwait(false);
        if (!await TryPutAsync(folder + RegistryKeys.ManifestFile, content, PutCondition.IfAbsent, cancellation).ConfigureAwait(false))
            throw new RegistryException(UrlOf(folder + RegistryKeys.ManifestFile), "is there although its number was claimed by this registration; has someone copied into the registry? Register again");
        return manifest;
    }

    /// <summary>Names of all models that have a version, in order.</summary>
    public async Task<ImmutableArray<string>> NamesAsync(CancellationToken cancellation)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (StoredObject item in _store.ListAsync(RegistryKeys.Root, cancellation).ConfigureAwait(false))
            if (RegistryKeys.VersionOf(item.Key) is (var name, _, RegistryKeys.ManifestFile)) names.Add(name);
        return [.. names];
    }

    /// <summary>One name, or all of them when it is null.</summary>
    /// <exception cref="ModelNotFoundException">There is no model of that name.</exception>
    public async Task<ImmutableArray<string>> SelectNamesAsync(string? name, CancellationToken cancellation)
    {
        if (name is null) return await NamesAsync(cancellation).ConfigureAwait(false);
        ModelReference.RefuseBadName(name, "a model");
        return (await VersionsAsync(name, cancellation).ConfigureAwait(false)).IsEmpty
            ? throw await NotFoundAsync(ModelReference.Parse(name), cancellation).ConfigureAwait(false)
            : [name];
    }

    /// <summary>The versions of a model, the oldest first; empty when there is no such model.</summary>
    public async Task<ImmutableArray<int>> VersionsAsync(string name, CancellationToken cancellation)
    {
        var versions = new SortedSet<int>();
        await foreach (StoredObject item in _store.ListAsync(RegistryKeys.Model(name), cancellation).ConfigureAwait(false))
            if (RegistryKeys.VersionOf(item.Key) is (_, var version, RegistryKeys.ManifestFile)) versions.Add(version);
        return [.. versions];
    }

    /// <summary>Numbers that were claimed and have no version: registrations that are under way or were killed.</summary>
    public async Task<ImmutableArray<int>> UnfinishedAsync(string name, CancellationToken cancellation)
    {
        var versions = new SortedSet<int>();
        var whole = new HashSet<int>();
        await foreach (StoredObject item in _store.ListAsync(RegistryKeys.Model(name), cancellation).ConfigureAwait(false))
        {
            if (RegistryKeys.VersionOf(item.Key) is not (_, var version, var file)) continue;
            versions.Add(version);
            if (file == RegistryKeys.ManifestFile) whole.Add(version);
        }

        return [.. versions.Where(version => !whole.Contains(version))];
    }

    /// <summary>The manifest of a version; null when there is no such version.</summary>
    /// <exception cref="RegistryException">The manifest is damaged.</exception>
    public async Task<ModelManifest?> FindAsync(string name, int version, CancellationToken cancellation)
    {
        string key = RegistryKeys.Manifest(name, version);
        return await _store.GetAsync(key, cancellation).ConfigureAwait(false) is { } found
            ? RegistryJson.ReadManifest(found.Content, name, version, UrlOf(key))
            : null;
    }

    /// <summary>The manifest that a reference names now.</summary>
    /// <exception cref="ModelNotFoundException">There is no such model, version or alias; says what there is.</exception>
    /// <exception cref="RegistryException">The manifest is damaged, or an alias names a version that is not there.</exception>
    public async Task<ModelManifest> ResolveAsync(ModelReference reference, CancellationToken cancellation)
    {
        if (reference.Version is { } named)
            return await FindAsync(reference.Name, named, cancellation).ConfigureAwait(false) ?? throw await NotFoundAsync(reference, cancellation).ConfigureAwait(false);
        if (reference.Alias == ModelReference.Latest)
        {
            ImmutableArray<int> versions = await VersionsAsync(reference.Name, cancellation).ConfigureAwait(false);
            if (versions.IsEmpty) throw await NotFoundAsync(reference, cancellation).ConfigureAwait(false);
            return await FindAsync(reference.Name, versions[^1], cancellation).ConfigureAwait(false) ?? throw await NotFoundAsync(reference, cancellation).ConfigureAwait(false);
        }

        AliasState alias = await FindAliasAsync(reference.Name, reference.Alias!, cancellation).ConfigureAwait(false)
            ?? throw await NotFoundAsync(reference, cancellation).ConfigureAwait(false);
        return await FindAsync(reference.Name, alias.Version, cancellation).ConfigureAwait(false)
            ?? throw new RegistryException(UrlOf(RegistryKeys.Alias(reference.Name, alias.Alias)), $"names {reference.Name}/{alias.Version}, which is not there; promote another version");
    }

    /// <summary>Where an alias points; null when it was never set.</summary>
    /// <exception cref="RegistryException">Its record is damaged.</exception>
    public async Task<AliasState?> FindAliasAsync(string name, string alias, CancellationToken cancellation) =>
        (await ReadAliasAsync(name, alias, cancellation).ConfigureAwait(false)).State;

    /// <summary>All aliases of a model, by name.</summary>
    /// <exception cref="RegistryException">The record of one is damaged.</exception>
    public async Task<ImmutableArray<AliasState>> AliasesAsync(string name, CancellationToken cancellation)
    {
        string folder = RegistryKeys.Aliases(name);
        ImmutableArray<AliasState>.Builder aliases = ImmutableArray.CreateBuilder<AliasState>();
        await foreach (StoredObject item in _store.ListAsync(folder, cancellation).ConfigureAwait(false))
        {
            string alias = Path.GetFileNameWithoutExtension(item.Key);
            if (item.Key == RegistryKeys.Alias(name, alias) && await FindAliasAsync(name, alias, cancellation).ConfigureAwait(false) is { } state) aliases.Add(state);
        }

        return aliases.ToImmutable();
    }

    /// <summary>The versions that a version was trained on from, the nearest first, as far as they are in this registry.</summary>
    /// <exception cref="RegistryException">The manifest of one is damaged.</exception>
    public async Task<ImmutableArray<ModelManifest>> AncestorsAsync(ModelManifest manifest, CancellationToken cancellation)
    {
        var ancestors = new List<ModelManifest>();
        for (ModelManifest? child = manifest; child?.Parent is { } parent && ModelReference.TryParse(parent) is { Version: { } version } reference;)
        {
            // A parent is older; one that is not ends a chain that would never end.
            if (reference.Name == child.Name && version >= child.Version) break;
            child = await FindAsync(reference.Name, version, cancellation).ConfigureAwait(false);
            if (child is not null && ancestors.Count < 1000) ancestors.Add(child);
        }

        return [.. ancestors];
    }

    /// <summary>What workers need to fetch a version, whatever is promoted meanwhile.</summary>
    public PinnedModel Pin(ModelManifest manifest) => new(manifest.Reference, _store.Url, RegistryKeys.Version(manifest.Name, manifest.Version), manifest.Digest,
    [
        .. manifest.Files.Where(file => file.Name is PinnedModel.ModelFile or PinnedModel.CategoriesFile or PinnedModel.CalibrationFile)
            .Select(file => new PinnedFile(file.Name, file.Sha256)),
    ]);

    internal string UrlOf(string key) => $"{_store.Url.TrimEnd('/')}/{key}";

    internal async Task<(AliasState? State, string? ETag)> ReadAliasAsync(string name, string alias, CancellationToken cancellation)
    {
        string key = RegistryKeys.Alias(name, alias);
        if (await _store.GetAsync(key, cancellation).ConfigureAwait(false) is not { } found) return (null, null);
        AliasState state = RegistryJson.Read(found.Content, RegistryJson.Readable.AliasState, UrlOf(key));
        if (state.Alias != alias || state.History.IsDefaultOrEmpty || state.History[^1].To != state.Version)
            throw new RegistryException(UrlOf(key), "is damaged (its last move does not lead to its version)");
        return (state, found.ETag);
    }

    /// <summary>
    /// Puts under a condition. A put whose answer was lost on the way is sent again by some adapters and then finds itself in its way. No
    /// two registrations put the same bytes (a claim has an id, a manifest its number), so bytes that are there already are ours.
    /// </summary>
    private async Task<bool> TryPutAsync(string key, byte[] content, PutCondition condition, CancellationToken cancellation) =>
        await _store.PutAsync(key, content, condition, cancellation).ConfigureAwait(false) is not null
        || await _store.GetAsync(key, cancellation).ConfigureAwait(false) is { } found && found.Content.Span.SequenceEqual(content);

    /// <summary>The error for a reference that names nothing: says what there is instead.</summary>
    public async Task<ModelNotFoundException> NotFoundAsync(ModelReference reference, CancellationToken cancellation)
    {
        ImmutableArray<int> versions = await VersionsAsync(reference.Name, cancellation).ConfigureAwait(false);
        if (versions.IsEmpty)
        {
            ImmutableArray<string> names = await NamesAsync(cancellation).ConfigureAwait(false);
            return new ModelNotFoundException($"{_store.Url}: no model '{reference.Name}'; {(names.IsEmpty ? "the store holds no models" : $"there {(names.Length == 1 ? "is" : "are")} {Some(names)}")}");
        }

        string there = Some([.. versions.Reverse().Select(version => $"{reference.Name}/{version}")]);
        if (reference.Alias is null) return new ModelNotFoundException($"{_store.Url}: no version {reference}; there {(versions.Length == 1 ? "is" : "are")} {there}");
        return new ModelNotFoundException(reference.Alias == ModelReference.Champion
            ? $"{_store.Url}: {reference.Name} has no champion yet; promote a version, or name one: {there}"
            : $"{_store.Url}: no alias {reference}; {await AliasesInWordsAsync(reference.Name, cancellation).ConfigureAwait(false)}");
    }

    private async Task<string> AliasesInWordsAsync(string name, CancellationToken cancellation)
    {
        ImmutableArray<AliasState> aliases = await AliasesAsync(name, cancellation).ConfigureAwait(false);
        return $"there {(aliases.IsEmpty ? "is" : "are")} {Some([.. aliases.Select(alias => $"{name}@{alias.Alias}"), $"{name}@{ModelReference.Latest}"])}";
    }

    private static string Some(ImmutableArray<string> names) =>
        string.Join(", ", names.Take(5)) + (names.Length > 5 ? string.Create(CultureInfo.InvariantCulture, $" and {names.Length - 5} more") : "");

    private async Task<int> ClaimAsync(string name, CancellationToken cancellation)
    {
        int last = 0;
        await foreach (StoredObject item in _store.ListAsync(RegistryKeys.Model(name), cancellation).ConfigureAwait(false))
            if (RegistryKeys.VersionOf(item.Key) is (_, var taken, _)) last = Math.Max(last, taken);

        byte[] claim = RegistryJson.Write(new VersionClaim(Guid.NewGuid(), By, Now), RegistryJson.Readable.VersionClaim);
        int version = last + 1;
        while (!await TryPutAsync(RegistryKeys.Version(name, version) + RegistryKeys.ClaimFile, claim, PutCondition.IfAbsent, cancellation).ConfigureAwait(false)) version++;
        return version;
    }

    /// <summary>What is in the registry can be scored: a model that cannot be loaded, or is described wrongly, does not get in.</summary>
    private static void RefuseMisfits(ModelManifest draft, IReadOnlyList<ModelUpload> files)
    {
        if (files.FirstOrDefault(file => !RegistryJson.IsPlainName(file.Name)) is { } stray) throw new RegistryException(draft.Name, $"'{stray.Name}' is no name for a model's file");
        if (files.GroupBy(file => file.Name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw new RegistryException(draft.Name, $"two files are named {twice.Key}");
        if (files.FirstOrDefault(file => file.Name == PinnedModel.ModelFile) is not { } text) throw new RegistryException(draft.Name, $"a model needs a {PinnedModel.ModelFile}");
        ForestModel model = ForestModel.Parse(text.Content.Span, PinnedModel.ModelFile);
        if (!draft.Features.IsEmpty && !draft.Features.Select(feature => feature.Name).SequenceEqual(model.FeatureNames))
            throw new RegistryException(draft.Name, $"the manifest's {draft.Features.Length} features are not the {model.FeatureCount} of {PinnedModel.ModelFile}");
    }

    internal static string DigestOf(ReadOnlyMemory<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content.Span));
}
