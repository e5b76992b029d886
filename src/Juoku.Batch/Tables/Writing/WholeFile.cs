using Juoku.Batch.Stores;

namespace Juoku.Batch.Tables.Writing;

/// <summary>
/// A file named by a path that appears whole or not at all. Bytes go to <c>.name.partial</c> beside it, locked while it is written: of two
/// who write one file the second is refused. One left by a killed process is written over by the next.
/// </summary>
public sealed class WholeFile : IDisposable
{
    private readonly string _path;
    private readonly PartialFile _file;

    /// <summary>Starts writing; the directory must exist.</summary>
    /// <exception cref="OutputException">The directory cannot be written, or another process is writing the same file.</exception>
    public WholeFile(string path)
    {
        _path = path;
        if (Directory.Exists(path)) throw new OutputException(path, "is a directory; name a file");
        try
        {
            _file = new PartialFile(path, Path.Combine(Path.GetDirectoryName(path) ?? "", $".{Path.GetFileName(path)}.partial"), FileMode.Create);
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
    public Stream Stream => _file.Stream;

    /// <summary>Makes the file appear under its name, in place of any file of that name.</summary>
    /// <exception cref="OutputException">It could not be flushed to the disk, or renamed.</exception>
    public void Commit()
    {
        try
        {
            _file.Seal();
            _file.Publish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(_path, $"cannot be written ({e.Message}); nothing was left there", e);
        }
    }

    /// <summary>Removes what was written unless it was committed.</summary>
    public void Dispose() => _file.Dispose();
}
