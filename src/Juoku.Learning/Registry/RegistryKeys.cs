using System.Globalization;

namespace Juoku.Learning.Registry;

/// <summary>Where things lie in a store: <c>models/‹name›/‹version›/…</c> and <c>models/‹name›/aliases/‹alias›.json</c>.</summary>
internal static class RegistryKeys
{
    public const string Root = "models/";
    public const string ManifestFile = "manifest.json";

    /// <summary>Digests of all files and of the manifest, as <c>sha256sum --check</c> reads them.</summary>
    public const string SumsFile = "SHA256SUMS";

    /// <summary>Whose number this is; the underscore hides it from readers.</summary>
    public const string ClaimFile = "_claim.json";

    public static string Model(string name) => $"{Root}{name}/";

    public static string Version(string name, int version) => string.Create(CultureInfo.InvariantCulture, $"{Root}{name}/{version}/");

    public static string Manifest(string name, int version) => Version(name, version) + ManifestFile;

    public static string Aliases(string name) => $"{Root}{name}/aliases/";

    public static string Alias(string name, string alias) => $"{Aliases(name)}{alias}.json";

    /// <summary>Takes the key of an object of a version apart; null when it is another's.</summary>
    public static (string Name, int Version, string File)? VersionOf(string key)
    {
        string[] parts = key.Split('/', 4);
        return parts.Length == 4 && parts[2].Length > 0 && parts[2][0] != '0'
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int version)
                ? (parts[1], version, parts[3])
                : null;
    }
}
