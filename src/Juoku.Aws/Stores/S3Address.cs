using Juoku.Batch;

namespace Juoku.Aws.Stores;

/// <summary>A bucket, and a prefix in it that every key of the store gets.</summary>
/// <param name="Url">As its user wrote it.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">Empty, or with a slash at its end.</param>
internal sealed record S3Address(string Url, string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <exception cref="AddressException">The URL names no bucket.</exception>
    public static S3Address Parse(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.Ordinal)) throw new AddressException(url, "write it as s3://bucket/prefix");
        string[] parts = url[Scheme.Length..].Split('/', 2);
        if (parts[0].Length < 3 || parts[0].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
            throw new AddressException(url, $"'{parts[0]}' is no name of a bucket; write it as s3://bucket/prefix");
        string prefix = parts.Length == 2 ? parts[1].Trim('/') : "";
        return new S3Address(url, parts[0], prefix.Length == 0 ? "" : prefix + "/");
    }

    /// <summary>Name of an object in the bucket.</summary>
    public string NameOf(string key) => Prefix + key;

    /// <summary>Name of an object in messages.</summary>
    public string UrlOf(string key) => $"{Scheme}{Bucket}/{Prefix}{key}";
}
