using Microsoft.Win32.SafeHandles;

namespace Juoku.Batch.Stores;

/// <summary>
/// A file that appears whole or not at all: bytes go to a file beside it whose name begins with a dot, which readers ignore. That file is
/// locked while it is written, flushed to the disk before it gets its name, and removed if it never does.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _partial;
    private readonly string _path;
    private bool _renamed;

    /// <summary>Starts writing.</summary>
    /// <param name="path">The name that the file is to have.</param>
    /// <param name="partial">The name that it has until then.</param>
    /// <param name="mode">What to do with a partial file of that name.</param>
    public PartialFile(string path, string partial, FileMode mode)
    {
        (_path, _partial) = (path, partial);
        Stream = new FileStream(partial, mode, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    }

    /// <summary>Where to write.</summary>
    public FileStream Stream { get; }

    /// <summary>Flushes to the disk and stops writing; returns what identifies the content.</summary>
    public FileIdentity Seal()
    {
        Stream.Flush();
        SafeFileHandle handle = Stream.SafeFileHandle;
        File.SetLastWriteTimeUtc(handle, DateTime.UtcNow);
        Stream.Flush(flushToDisk: true);
        FileIdentity identity = FileIdentity.Of(handle);
        Stream.Dispose();
        return identity;
    }

    /// <summary>Gives the sealed file its name, in place of any file of that name.</summary>
    public void Publish()
    {
        File.Move(_partial, _path, overwrite: true);
        _renamed = true;
        FlushFolder();
    }

    /// <summary>Gives the sealed file its name if that is free; false when it is taken.</summary>
    public bool TryPublishNew()
    {
        if (!NativeFiles.TryLink(_partial, _path)) return false;
        FlushFolder();
        return true;
    }

    /// <summary>Removes the partial file, if there still is one.</summary>
    public void Dispose()
    {
        if (!_renamed) File.Delete(_partial);
        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
            // The last buffered bytes of a file that is gone may not fit on a full disk; nobody misses them.
        }
    }

    private void FlushFolder() => NativeFiles.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!);
}
