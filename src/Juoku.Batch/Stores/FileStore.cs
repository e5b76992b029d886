using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Juoku.Batch.Stores;

/// <summary>
/// A folder as a store. Readers never see half an object: bytes go to a partial file (<c>.name.‹random›.partial</c>), are flushed to the
/// disk, and get their name in one step, by rename, or by link where no object may be there yet. A replacement under a condition compares
/// and renames while it holds the lock of the folder; it is safe against others of its kind. Names that begin with a dot are not objects.
/// </summary>
public sealed class FileStore : IStore
{
    private readonly string _root;
    private readonly FaultTranslation _faults;

    private FileStore(string url, string root) => (Url, _root, _faults) = (url, root, new FaultTranslation(url));

    /// <inheritdoc/>
    public string Url { get; }

    /// <summary>Opens a folder, named as a path or <c>file:</c> URL. It is made when something is first put there.</summary>
    /// <exception cref="AddressException">The URL names no folder.</exception>
    public static FileStore Open(string url) => new(url, Path.GetFullPath(PathOf(url)));

    /// <summary>The path that a <c>file:</c> URL or a path names.</summary>
    /// <exception cref="AddressException">It names none on this machine.</exception>
    public static string PathOf(string url) => PathOf(url, "file:");

    /// <summary>The path that a URL of another scheme of local files names, or a path.</summary>
    internal static string PathOf(string url, string scheme)
    {
        if (!url.StartsWith(scheme, StringComparison.Ordinal)) return url;
        string path = url[scheme.Length..];
        if (!path.StartsWith("//", StringComparison.Ordinal)) return path;
        return path.StartsWith("///", StringComparison.Ordinal)
            ? Uri.UnescapeDataString(path[2..])
            : throw new AddressException(url, $"a {scheme[..^1]} URL has three slashes, as in {scheme}///folder");
    }

    /// <summary>Where an object lies, for libraries that read files.</summary>
    public string PathTo(string key) => key.Split('/').Any(part => part.Length == 0 || part[0] == '.')
        ? throw new StoreException(_faults.UrlOf(key), "is no name of an object: no part of it may be empty or begin with a dot")
        : Path.Combine(_root, key);

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string path = PathTo(key);
        return Task.FromResult(_faults.In(key, "be looked up", () => FileIdentity.Of(path)?.Describe(key)));
    }

    /// <inheritdoc/>
    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation)
    {
        string path = PathTo(key);
        return _faults.InAsync(key, "be read", async () =>
        {
            using SafeFileHandle? file = OpenExisting(path);
            if (file is null) return null;
            var content = new byte[RandomAccess.GetLength(file)];
            await ReadExactlyAsync(key, file, 0, content, cancellation).ConfigureAwait(false);
            return new StoredBytes(content, FileIdentity.Of(file).ToString());
        });
    }

    /// <inheritdoc/>
    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        string path = PathTo(item.Key);
        return _faults.InAsync(item.Key, "be read", async () =>
        {
            using SafeFileHandle? file = OpenExisting(path);
            string? found = file is null ? null : FileIdentity.Of(file).ToString();
            if (found != item.ETag) throw new ObjectChangedException(_faults.UrlOf(item.Key), item.ETag, found);
            await ReadExactlyAsync(item.Key, file!, offset, buffer, cancellation).ConfigureAwait(false);
            return true;
        });
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        await using FileObjectWriter writer = NewWriter(key, cancellation);
        await _faults.InAsync(key, "be written", async () =>
        {
            await writer.Stream.WriteAsync(content, cancellation).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return await writer.CommitAsync(condition, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) => Task.FromResult<ObjectWriter>(NewWriter(key, cancellation));

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        string[] keys = _faults.In(prefix, "be listed", () => (string[])[.. Keys(prefix).Order(StringComparer.Ordinal)]);
        foreach (string key in keys)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_faults.In(key, "be looked up", () => FileIdentity.Of(PathTo(key))) is { } identity) yield return identity.Describe(key);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string path = PathTo(key);
        return Task.FromResult(_faults.In(key, "be deleted", () =>
        {
            if (File.Exists(path)) File.Delete(path);
            return true;
        }));
    }

    /// <inheritdoc/>
    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) =>
        Task.Run(() => _faults.In(prefix, "be swept", () => PartialFiles.Sweep(_root, prefix, age, cancellation)), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private FileObjectWriter NewWriter(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string path = PathTo(key);
        return _faults.In(key, "be written", () => new FileObjectWriter(key, path, _faults));
    }

    /// <summary>Null when there is no such file. Takes no lock: a reader is in nobody's way.</summary>
    private static SafeFileHandle? OpenExisting(string path)
    {
        try
        {
            return File.Exists(path) ? File.OpenHandle(path, options: FileOptions.Asynchronous, share: FileShare.ReadWrite | FileShare.Delete) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private async Task ReadExactlyAsync(string key, SafeFileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        for (int done = 0; done < buffer.Length;)
        {
            int read = await RandomAccess.ReadAsync(file, buffer[done..], offset + done, cancellation).ConfigureAwait(false);
            if (read == 0) throw new StoreException(_faults.UrlOf(key), $"ends at byte {offset + done}; bytes up to {offset + buffer.Length} were wanted");
            done += read;
        }
    }

    private IEnumerable<string> Keys(string prefix)
    {
        string folder = Path.Combine(_root, prefix[..(prefix.LastIndexOf('/') + 1)]);
        if (!Directory.Exists(folder)) return [];
        var files = new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && entry.FileName[0] != '.',
            ShouldRecursePredicate = (ref FileSystemEntry entry) => entry.FileName[0] != '.',
        };
        return files.Select(path => Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal));
    }
}
