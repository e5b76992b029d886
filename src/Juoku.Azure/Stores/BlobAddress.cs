using Juoku.Batch;

namespace Juoku.Azure.Stores;

/// <summary>A container, and a prefix in it that every key of the store gets.</summary>
/// <param name="Url">As its user wrote it.</param>
/// <param name="Container">The container.</param>
/// <param name="Prefix">Empty, or with a slash at its end.</param>
internal sealed record BlobAddress(string Url, string Container, string Prefix)
{
    private const string Scheme = "az://";

    /// <exception cref="AddressException">The URL names no container.</exception>
    public static BlobAddress Parse(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.Ordinal)) throw new AddressException(url, "write it as az://container/prefix");
        string[] parts = url[Scheme.Length..].Split('/', 2);
        if (parts[0].Length is < 3 or > 63 || parts[0].Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '$')))
            throw new AddressException(url, "names no container (3 to 63 of a-z, 0-9 and -); write it as az://container/prefix");
        string prefix = parts.Length > 1 ? parts[1].Trim('/') : "";
        return new BlobAddress(url, parts[0], prefix.Length == 0 ? "" : prefix + "/");
    }

    /// <summary>Name of an object in the container.</summary>
    public string NameOf(string key) => Prefix + key;

    /// <summary>Name of an object in messages.</summary>
    public string UrlOf(string key) => $"{Scheme}{Container}/{NameOf(key)}";
}
