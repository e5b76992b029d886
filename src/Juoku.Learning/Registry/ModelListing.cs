using System.Collections.Immutable;

namespace Juoku.Learning.Registry;

/// <summary>A version as a list shows it.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Its number.</param>
/// <param name="Manifest">Where it comes from; null when that cannot be read.</param>
/// <param name="Aliases">Aliases that name it.</param>
/// <param name="Problem">Why there is no manifest; null when there is.</param>
public sealed record ListedVersion(string Name, int Version, ModelManifest? Manifest, ImmutableArray<string> Aliases, string? Problem);

/// <summary>What a registry holds. One damaged manifest or alias hides nothing else.</summary>
/// <param name="Versions">By name, the newest first.</param>
/// <param name="Problems">Aliases that cannot be read.</param>
public sealed record ModelListing(ImmutableArray<ListedVersion> Versions, ImmutableArray<string> Problems)
{
    /// <summary>Lists models.</summary>
    /// <param name="registry">Where.</param>
    /// <param name="names">Which.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<ModelListing> OfAsync(ModelRegistry registry, IEnumerable<string> names, CancellationToken cancellation)
    {
        ImmutableArray<ListedVersion>.Builder versions = ImmutableArray.CreateBuilder<ListedVersion>();
        ImmutableArray<string>.Builder problems = ImmutableArray.CreateBuilder<string>();
        foreach (string name in names)
        {
            ImmutableArray<AliasState> aliases = [];
            try
            {
                aliases = await registry.AliasesAsync(name, cancellation).ConfigureAwait(false);
            }
            catch (RegistryException e)
            {
                problems.Add(e.Message);
            }

            foreach (int version in (await registry.VersionsAsync(name, cancellation).ConfigureAwait(false)).Reverse())
            {
                ImmutableArray<string> named = [.. aliases.Where(alias => alias.Version == version).Select(alias => alias.Alias)];
                try
                {
                    if (await registry.FindAsync(name, version, cancellation).ConfigureAwait(false) is { } manifest) versions.Add(new ListedVersion(name, version, manifest, named, null));
                }
                catch (RegistryException e)
                {
                    versions.Add(new ListedVersion(name, version, null, named, e.Problem));
                }
            }
        }

        return new ModelListing(versions.ToImmutable(), problems.ToImmutable());
    }
}
