namespace Juoku.Learning.Features.Building;

/// <summary>
/// A folder for what does not fit memory and for files on their way, deleted at the end. One whose process was killed is deleted by the
/// next that starts in the same place: its lock is free.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "juoku-features-";
    private const string LockName = ".lock";

    private readonly FileStream _lock;

    private ScratchFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a folder in <paramref name="parent"/>.</summary>
    public static ScratchFolder Create(string parent)
    {
        Directory.CreateDirectory(parent);
        Sweep(parent);
        string path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.CreateVersion7():N}");
        Directory.CreateDirectory(path);
        return new ScratchFolder(path, new FileStream(System.IO.Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None));
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private static void Sweep(string parent)
    {
        foreach (string old in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            try
            {
                using (new FileStream(System.IO.Path.Combine(old, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None)) Directory.Delete(old, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or another's, or just swept by another: it stays.
            }
        }
    }
}
