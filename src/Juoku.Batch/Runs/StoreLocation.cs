using System.Text.Json.Serialization;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;

namespace Juoku.Batch.Runs;

/// <summary>
/// A place in a store: what <c>--input</c> and <c>--output</c> name. A name without a scheme that does not begin with <c>.</c> or <c>/</c>
/// lies in the run's own store; the run then goes wherever that store is moved. Everything else is a store of its own.
/// </summary>
/// <param name="Store">URL of the store; null for the one that holds the run.</param>
/// <param name="Prefix">Key prefix: empty, or ends with a slash.</param>
/// <param name="File">The one file meant, relative to the prefix; null for all files under it.</param>
public sealed record StoreLocation([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Store, string Prefix, string? File = null)
{
    /// <summary>The day that the place is named after (<c>…/dt=2026-11-23/…</c>), or null.</summary>
    [JsonIgnore]
    public string? Day => Segments.FirstOrDefault(IsDay)?[3..];

    /// <summary>The place above the day, where it ends in one.</summary>
    public StoreLocation AboveDay()
    {
        if (Prefix.Length > 0)
        {
            string[] kept = [.. Prefix.Split('/', StringSplitOptions.RemoveEmptyEntries).TakeWhile(segment => !IsDay(segment))];
            return this with { Prefix = kept.Length == 0 ? "" : string.Join('/', kept) + "/" };
        }

        return Store is not null && IsDay(Segments[^1]) ? this with { Store = Store.TrimEnd('/')[..^Segments[^1].Length].TrimEnd('/') } : this;
    }

    /// <summary>The last part of the name that is no day: what the set is called.</summary>
    [JsonIgnore]
    public string Name => Segments.LastOrDefault(segment => !IsDay(segment)) is { Length: > 0 } name ? name : "predictions";

    private string[] Segments => [.. $"{Store}/{Prefix}".Split('/', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The place as a person would write it.</summary>
    /// <param name="own">URL of the store that holds the run.</param>
    public string In(string own) => $"{(Store ?? own).TrimEnd('/')}/{Prefix}{File}".TrimEnd('/');

    /// <summary>Reads what a flag names.</summary>
    /// <param name="text">A key prefix in the run's store, a path or a URL.</param>
    /// <param name="own">URL of the run's store.</param>
    /// <exception cref="AddressException">It names no place.</exception>
    public static StoreLocation Parse(string text, string own)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new AddressException(text, "names no place; write features/ctr/dt=2026-11-23, ./data/features or s3://bucket/features");
        string? inside = Within(text, own);
        if (inside is not null)
        {
            string[] segments = inside.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (segments.Any(segment => segment[0] == '.')) throw new AddressException(text, "no part of a name in a store may begin with a dot");
            string key = string.Join('/', segments);
            return IsFile(key) ? new StoreLocation(null, ParentOf(key), NameOf(key)) : new StoreLocation(null, key.Length == 0 ? "" : key + "/");
        }

        string url = AbsoluteUrl(text).TrimEnd('/');
        return IsFile(url) ? new StoreLocation(ParentOf(url).TrimEnd('/'), "", NameOf(url)) : new StoreLocation(url, "");
    }

    /// <summary>A store's URL that means the same in every working folder.</summary>
    public static string AbsoluteUrl(string url) => Adapters.SchemeOf(url) is null or "file" ? new Uri(Path.GetFullPath(FileStore.PathOf(url))).AbsoluteUri : url;

    /// <summary>The key that a name has in the run's store; null when it lies elsewhere.</summary>
    private static string? Within(string text, string own)
    {
        string root = AbsoluteUrl(own).TrimEnd('/');
        bool isKey = Adapters.SchemeOf(text) is null && text[0] is not ('.' or '/');
        string absolute = AbsoluteUrl(text).TrimEnd('/');
        if (absolute == root) return "";

        // "data/features" beside the store "data" means the folder, as the shell would complete it.
        bool isInside = absolute.StartsWith(root + "/", StringComparison.Ordinal);
        return isInside && !isKey || isInside && isKey && text.StartsWith(own.TrimEnd('/') + "/", StringComparison.Ordinal)
            ? Uri.UnescapeDataString(absolute[(root.Length + 1)..])
            : isKey ? text : null;
    }

    private static bool IsDay(string segment) => segment.StartsWith("dt=", StringComparison.Ordinal) && segment.Length > 3;

    private static bool IsFile(string key) => TableFormat.FromName(key) is not null;

    private static string ParentOf(string key) => key[..(key.LastIndexOf('/') + 1)];

    private static string NameOf(string key) => key[(key.LastIndexOf('/') + 1)..];
}
