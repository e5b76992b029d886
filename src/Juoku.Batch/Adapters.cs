using System.Buffers;
using System.Collections.Immutable;
using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Batch;

/// <summary>
/// Opens stores and queues by URL: the scheme picks the adapter. What has no scheme is a folder. Each project that brings adapters adds
/// its own (<c>Adapters.Local.AddAws()</c>).
/// </summary>
public sealed class Adapters
{
    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private readonly ImmutableSortedDictionary<string, Func<string, IStore>> _stores;
    private readonly ImmutableSortedDictionary<string, Func<string, IQueue>> _queues;

    private Adapters(ImmutableSortedDictionary<string, Func<string, IStore>> stores, ImmutableSortedDictionary<string, Func<string, IQueue>> queues) =>
        (_stores, _queues) = (stores, queues);

    /// <summary>Folders and SQLite queues.</summary>
    public static Adapters Local { get; } = new Adapters(
            ImmutableSortedDictionary.Create<string, Func<string, IStore>>(StringComparer.Ordinal),
            ImmutableSortedDictionary.Create<string, Func<string, IQueue>>(StringComparer.Ordinal))
        .WithStore("file", FileStore.Open)
        .WithQueue("sqlite", SqliteQueue.Open);

    /// <summary>These and one more kind of store; <paramref name="open"/> gets the whole URL.</summary>
    public Adapters WithStore(string scheme, Func<string, IStore> open) => new(_stores.SetItem(scheme, open), _queues);

    /// <summary>These and one more kind of queue; <paramref name="open"/> gets the whole URL.</summary>
    public Adapters WithQueue(string scheme, Func<string, IQueue> open) => new(_stores, _queues.SetItem(scheme, open));

    /// <summary>Opens a store. Nothing is asked of it yet.</summary>
    /// <exception cref="AddressException">The URL names no kind of store, or not as that kind is named.</exception>
    public IStore OpenStore(string url) => Pick(_stores, url, "file", "store", "./data, s3://bucket/prefix or az://container/prefix")(url);

    /// <summary>Opens a queue. Nothing is asked of it yet.</summary>
    /// <exception cref="AddressException">The URL names no kind of queue, or not as that kind is named.</exception>
    public IQueue OpenQueue(string url) => Pick(_queues, url, null, "queue", "sqlite:./data/queue.db, sqs://queue-name or azq://queue-name")(url);

    /// <summary>The scheme of a URL; null for a path.</summary>
    public static string? SchemeOf(string url)
    {
        int colon = url.IndexOf(':');
        return colon > 1 && char.IsAsciiLetterLower(url[0]) && url.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0 ? url[..colon] : null;
    }

    private static Func<string, T> Pick<T>(ImmutableSortedDictionary<string, Func<string, T>> adapters, string url, string? byDefault, string what, string forms)
    {
        if (string.IsNullOrWhiteSpace(url)) throw new AddressException(url, $"no {what} is named; write it as {forms}");
        string? scheme = SchemeOf(url) ?? byDefault;
        return scheme is not null && adapters.TryGetValue(scheme, out Func<string, T>? open)
            ? open
            : throw new AddressException(url, $"no such kind of {what}; write it as {forms}");
    }
}

/// <summary>A URL that names no store or queue as they are named: says what is wrong, and how to write it.</summary>
public sealed class AddressException(string url, string problem) : Exception($"'{url}': {problem}");
