namespace Juoku.Batch.Tables.Writing;

/// <summary>
/// A file that appears whole or not at all. Bytes go to <c>.name.partial</c> beside it, which readers ignore (it begins with a dot);
/// <see cref="Commit"/> flushes it to the disk and renames it. The partial file is locked while it is written and removed when it
/// is not committed; one left by a killed process is written over by the next.
/// </summary>
public sealed class WholeFile : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _stream;
    private bool _committed;

    /// <summary>Starts writing; the directory must exist.</summary>
    /// <exception cref="OutputException">The directory cannot be written, or another process is writing the same file.</exception>
    public WholeFile(string path)
    {
        _path = path;
        _partial = Path.Combine(Path.GetDirectoryName(path) ?? "", $".{Path.GetFileName(path)}.partial");
        if (Directory.Exists(path)) throw new OutputException(path, "is a directory; name a file");
        try
        {
            _stream = new FileStream(_partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new OutputException(path, "the directory does not exist; make it first", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(path, $"cannot be written ({e.Message}); choose another place", e);
        }
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _stream;

    /// <summary>Makes the file appear under its name, in place of any file of that name.</summary>
    public void Commit()
    {
        _stream.Flush(flushToDisk: true);
        File.Move(_partial, _path, overwrite: true);
        _committed = true;
        _stream.Dispose();
    }

    /// <summary>Removes what was written unless it was committed.</summary>
    public void Dispose()
    {
        if (_committed) return;
        File.Delete(_partial);
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // The last buffered bytes of a file that is gone may not fit on a full disk; nobody misses them.
        }
    }
}
