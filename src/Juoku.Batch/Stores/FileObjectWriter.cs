namespace Juoku.Batch.Stores;

/// <summary>Writes an object of a <see cref="FileStore"/>: a partial file, which gets its name when it is complete.</summary>
internal sealed class FileObjectWriter : ObjectWriter
{
    private readonly string _key;
    private readonly string _path;
    private readonly PartialFile _file;
    private readonly FaultTranslation _faults;

    public FileObjectWriter(string key, string path, FaultTranslation faults)
    {
        (_key, _path, _faults) = (key, path, faults);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new PartialFile(path, PartialFiles.NewPath(path), FileMode.CreateNew);
        Stream = new UnclosedStream(_file.Stream);
    }

    public override Stream Stream { get; }

    public override async Task<StoredObject> CompleteAsync(CancellationToken cancellation) =>
        (await CommitAsync(PutCondition.None, cancellation).ConfigureAwait(false))!;

    /// <summary>Gives the file its name if the condition holds; null when it does not.</summary>
    public Task<StoredObject?> CommitAsync(PutCondition condition, CancellationToken cancellation) => _faults.InAsync(_key, "be written", async () =>
    {
        cancellation.ThrowIfCancellationRequested();
        await _file.Stream.FlushAsync(cancellation).ConfigureAwait(false);
        FileIdentity identity = _file.Seal();
        if (condition.MustBeAbsent) return _file.TryPublishNew() ? identity.Describe(_key) : null;
        if (condition.MustMatch is { } etag)
        {
            await using FileStream held = await FolderLock.TakeAsync(Path.GetDirectoryName(_path)!, cancellation).ConfigureAwait(false);
            if (FileIdentity.Of(_path)?.ToString() != etag) return null;
            _file.Publish();
            return identity.Describe(_key);
        }

        _file.Publish();
        return identity.Describe(_key);
    });

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
