using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Juoku.Batch;
using Juoku.Batch.Stores;

namespace Juoku.Azure.Stores;

/// <summary>
/// A container of Azure Blob Storage, or a prefix in one. Requests are retried by the SDK; a conditional put carries a random mark, by
/// which its sender recognises its own work when an answer was lost and the second attempt finds the object there.
/// </summary>
public sealed class BlobStore : IStore
{
    private const string Mark = "juokuput";

    private readonly BlobAddress _address;
    private readonly BlobContainerClient _container;
    private readonly BlobFaults _faults;

    internal BlobStore(BlobAddress address, BlobContainerClient container) =>
        (_address, _container, _faults) = (address, container, new BlobFaults(address, container.Uri));

    /// <inheritdoc/>
    public string Url => _address.Url;

    /// <summary>Opens <c>az://container/prefix</c> in the account that the environment names.</summary>
    /// <exception cref="AddressException">The URL names no container.</exception>
    /// <exception cref="StoreException">The environment names no account.</exception>
    public static BlobStore Open(string url) => Open(url, Environment.GetEnvironmentVariable);

    /// <summary>Opens <c>az://container/prefix</c> in the account that some variables name.</summary>
    internal static BlobStore Open(string url, Func<string, string?> variable)
    {
        var address = BlobAddress.Parse(url);
        try
        {
            AzureAccount account = AzureAccount.Find(variable) ?? throw new StoreException(url, AzureAccount.Unnamed);
            return new BlobStore(address, account.OpenContainer(address.Container));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new StoreException(url, $"the account cannot be used ({e.Message}); check AZURE_STORAGE_CONNECTION_STRING and AZURE_STORAGE_SERVICE_ENDPOINT", e);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) =>
        await LookUpAsync(key, cancellation).ConfigureAwait(false) is { } found ? Describe(key, found) : null;

    /// <inheritdoc/>
    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => _faults.InAsync(key, "be read", async () =>
    {
        try
        {
            BlobDownloadResult result = await BlobOf(key).DownloadContentAsync(cancellation).ConfigureAwait(false);
            return new StoredBytes(result.Content.ToMemory(), Unquoted(result.Details.ETag));
        }
        catch (RequestFailedException e) when (BlobFaults.IsAbsent(e))
        {
            return null;
        }
    }, cancellation);

    /// <inheritdoc/>
    public async Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        string url = _address.UrlOf(item.Key);
        if (offset + buffer.Length > item.Length)
            throw new StoreException(url, $"ends at byte {item.Length}; bytes up to {offset + buffer.Length} were wanted");
        if (buffer.IsEmpty || !await TryReadAsync(item, offset, buffer, cancellation).ConfigureAwait(false))
        {
            string? found = (await FindAsync(item.Key, cancellation).ConfigureAwait(false))?.ETag;
            if (!buffer.IsEmpty || found != item.ETag) throw new ObjectChangedException(url, item.ETag, found);
        }
    }

    /// <inheritdoc/>
    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
        _faults.InAsync(key, "be written", async () =>
        {
            string mark = Guid.NewGuid().ToString("n");
            var options = new BlobUploadOptions
            {
                Metadata = new Dictionary<string, string> { [Mark] = mark },
                TransferOptions = new StorageTransferOptions { InitialTransferSize = Math.Max(content.Length, 1) }, // in one request
                Conditions = condition switch
                {
                    { MustBeAbsent: true } => new BlobRequestConditions { IfNoneMatch = ETag.All },
                    { MustMatch: { } etag } => new BlobRequestConditions { IfMatch = Quoted(etag) },
                    _ => null,
                },
            };
            try
            {
                BlobContentInfo put = await BlobOf(key).UploadAsync(BinaryData.FromBytes(content), options, cancellation).ConfigureAwait(false);
                return new StoredObject(key, content.Length, Unquoted(put.ETag), put.LastModified);
            }
            catch (RequestFailedException e) when (BlobFaults.IsUnmet(e) || (condition.MustMatch is not null && BlobFaults.IsAbsent(e)))
            {
                BlobProperties? winner = await LookUpAsync(key, cancellation).ConfigureAwait(false);
                return winner is not null && winner.Metadata.TryGetValue(Mark, out string? theirs) && theirs == mark ? Describe(key, winner) : null;
            }
        }, cancellation);

    /// <inheritdoc/>
    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var blob = _container.GetBlockBlobClient(_address.NameOf(key));
        return Task.FromResult<ObjectWriter>(new BlobObjectWriter(blob, key, () => FindAsync(key, CancellationToken.None), _faults));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Accounts with a hierarchical namespace list folder by folder, which is not the order of the names: all are sorted here.
        StoredObject[] items = await _faults.InAsync(prefix, "be listed", async () =>
        {
            List<StoredObject> found = [];
            var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = _address.NameOf(prefix) };
            await foreach (BlobItem item in _container.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
            {
                if (IsFolder(item)) continue;
                BlobItemProperties properties = item.Properties;
                found.Add(new StoredObject(
                    item.Name[_address.Prefix.Length..], properties.ContentLength ?? 0, Unquoted(properties.ETag ?? default), properties.LastModified ?? default));
            }

            return (StoredObject[])[.. found.OrderBy(item => item.Key, StringComparer.Ordinal)];
        }, cancellation).ConfigureAwait(false);
        foreach (StoredObject item in items) yield return item;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellation) => _faults.InAsync(key, "be deleted", async () =>
    {
        try
        {
            await BlobOf(key).DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (BlobFaults.IsAbsent(e))
        {
            // That is what was wanted.
        }

        return true;
    }, cancellation);

    /// <inheritdoc/>
    /// <remarks>Nothing to do here: the service itself drops blocks that were never committed, a week after the last one.</remarks>
    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => Task.FromResult(0);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>An ETag without its quotes.</summary>
    internal static string Unquoted(ETag etag) => etag.ToString("G").Trim('"');

    private static ETag Quoted(string etag) => new($"\"{etag}\"");

    private static StoredObject Describe(string key, BlobProperties found) => new(key, found.ContentLength, Unquoted(found.ETag), found.LastModified);

    /// <summary>Accounts with a hierarchical namespace show folders as empty objects, and so do some tools elsewhere.</summary>
    private static bool IsFolder(BlobItem item) =>
        item.Name.EndsWith('/') || (item.Metadata is { } metadata && metadata.TryGetValue("hdi_isfolder", out string? folder) && folder == "true");

    private BlobClient BlobOf(string key) => _container.GetBlobClient(_address.NameOf(key));

    private Task<BlobProperties?> LookUpAsync(string key, CancellationToken cancellation) => _faults.InAsync(key, "be looked up", async () =>
    {
        try
        {
            return (await BlobOf(key).GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false)).Value;
        }
        catch (RequestFailedException e) when (BlobFaults.IsAbsent(e))
        {
            return null;
        }
    }, cancellation);

    /// <summary>False when the object is gone or has another version.</summary>
    private Task<bool> TryReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => _faults.InAsync(item.Key, "be read", async () =>
    {
        var options = new BlobDownloadOptions
        {
            Range = new HttpRange(offset, buffer.Length),
            Conditions = new BlobRequestConditions { IfMatch = Quoted(item.ETag) },
        };
        try
        {
            // The SDK's stream goes on where it was when a connection breaks in the middle.
            using BlobDownloadStreamingResult result = await BlobOf(item.Key).DownloadStreamingAsync(options, cancellation).ConfigureAwait(false);
            await result.Content.ReadExactlyAsync(buffer, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (BlobFaults.IsUnmet(e) || BlobFaults.IsAbsent(e))
        {
            return false;
        }
    }, cancellation);
}
