using Juoku.Batch.Stores;

namespace Juoku.Batch.Tables.Inputs;

/// <summary>
/// A file of this machine. One that belongs to a store is pinned: it must be the version asked for when it is opened. Stores replace files
/// by rename, so what is open stays that version.
/// </summary>
internal sealed class FileInput(string path, string name, StoredObject? pinned) : TableInput(name)
{
    private readonly Lazy<long> _length = new(() => pinned?.Length ?? new FileInfo(path).Length);

    public string Path => path;

    public override long Length => _length.Value;

    /// <summary>Refuses a file that is no longer the version it is pinned to.</summary>
    /// <exception cref="ObjectChangedException">It is another version, or gone.</exception>
    public void CheckVersion()
    {
        if (pinned is null) return;
        string? found = FileIdentity.Of(path)?.ToString();
        if (found != pinned.ETag) throw new ObjectChangedException(Name, pinned.ETag, found);
    }

    internal override int ReadStart(Span<byte> buffer, CancellationToken cancellation)
    {
        using FileStream file = Open();
        return file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
    }

    internal override Stream OpenSequential(CancellationToken cancellation) => Open();

    private FileStream Open()
    {
        CheckVersion();
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        try
        {
            CheckVersion();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
