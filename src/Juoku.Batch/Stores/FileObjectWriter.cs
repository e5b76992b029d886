namespace Juoku.Batch.Stores;

/// <summary>Writes an object of a <see cref="FileStore"/>: a partial file, which gets its name when it is complete.</summary>
internal sealed class FileObjectWriter : ObjectWriter
{
    private readonly string _key;
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _stream;
    private readonly FaultTranslation _faults;

    public FileObjectWriter(string key, string path, FaultTranslation faults)
    {
        (_key, _path, _faults) = (key, path, faults);
        _partial = PartialFiles.NewPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _stream = PartialFiles.Create(_partial);
        Stream = new UnclosedStream(_stream);
    }

    public override Stream Stream { get; }

    public override async Task<StoredObject> CompleteAsync(CancellationToken cancellation) =>
        (await CommitAsync(PutCondition.None, cancellation).ConfigureAwait(false))!;

    /// <summary>Gives the file its name if the condition holds; null when it does not.</summary>
    public Task<StoredObject?> CommitAsync(PutCondition condition, CancellationToken cancellation) => _faults.InAsync(_key, "be written", async () =>
    {
        cancellation.ThrowIfCancellationRequested();
        await _stream.FlushAsync(cancellation).ConfigureAwait(false);
        File.SetLastWriteTimeUtc(_stream.SafeFileHandle, DateTime.UtcNow);
        _stream.Flush(flushToDisk: true);
        FileIdentity identity = FileIdentity.Of(_stream.SafeFileHandle);

        // Closed before it has its name: a reader must not find it locked.
        await _stream.DisposeAsync().ConfigureAwait(false);
        string folder = Path.GetDirectoryName(_path)!;
        if (condition.MustBeAbsent)
        {
            if (!NativeFiles.TryLink(_partial, _path)) return null;
        }
        else if (condition.MustMatch is { } etag)
        {
            await using FileStream held = await FolderLock.TakeAsync(folder, cancellation).ConfigureAwait(false);
            if (FileIdentity.Of(_path)?.ToString() != etag) return null;
            File.Move(_partial, _path, overwrite: true);
        }
        else
        {
            File.Move(_partial, _path, overwrite: true);
        }

        NativeFiles.FlushFolder(folder);
        return identity.Describe(_key);
    });

    public override ValueTask DisposeAsync()
    {
        File.Delete(_partial); // the file of a writer that completed has another name by now
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // The last buffered bytes of a file that is gone may not fit on a full disk; nobody misses them.
        }

        return ValueTask.CompletedTask;
    }
}
