using Juoku.Batch.Stores;

namespace Juoku.Batch.Tables.Inputs;

/// <summary>What a table is read from: a file, or an object of a store, pinned to one version of it.</summary>
public abstract class TableInput
{
    private protected TableInput(string name) => Name = name;

    /// <summary>The path or URL, for messages.</summary>
    public string Name { get; }

    /// <summary>Size in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>A file of this machine.</summary>
    public static TableInput Of(string path) => new FileInput(path, path, pinned: null);

    /// <summary>An object as it was found or listed. One that lies in a folder of this machine is read as a file.</summary>
    public static TableInput Of(IStore store, StoredObject item)
    {
        string url = $"{store.Url.TrimEnd('/')}/{item.Key}";
        return store is FileStore files ? new FileInput(files.PathTo(item.Key), url, item) : new ObjectInput(store, item, url);
    }

    /// <summary>Reads the first bytes, as many as there are and fit; returns how many.</summary>
    internal abstract int ReadStart(Span<byte> buffer, CancellationToken cancellation);

    /// <summary>Opens the bytes from start to end; the stream knows its position and cannot seek.</summary>
    internal abstract Stream OpenSequential(CancellationToken cancellation);
}
