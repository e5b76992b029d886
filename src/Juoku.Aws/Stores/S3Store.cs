using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Juoku.Batch;
using Juoku.Batch.Stores;

namespace Juoku.Aws.Stores;

/// <summary>
/// A bucket, or a prefix in one, on S3 and what speaks like it. Requests are retried by the SDK; a conditional put carries a random mark,
/// by which its sender recognises its own work when an answer was lost and the second attempt finds the object there.
/// </summary>
public sealed class S3Store : IStore
{
    private const string Mark = "juoku-put";
    private const int Attempts = 5;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    private readonly AmazonS3Client _s3;
    private readonly S3Address _address;
    private readonly S3Faults _faults;
    private volatile bool _bucketSeen;

    internal S3Store(S3Address address, AmazonS3Client s3) =>
        (_address, _s3, _faults) = (address, s3, new S3Faults(address, s3.Config.ServiceURL?.TrimEnd('/')));

    /// <inheritdoc/>
    public string Url => _address.Url;

    /// <summary>Opens <c>s3://bucket/prefix</c>; endpoint, region and credentials come from the SDK's own chain.</summary>
    /// <exception cref="AddressException">The URL names no bucket.</exception>
    public static S3Store Open(string url) => Open(S3Address.Parse(url), () => AwsConnection.S3());

    /// <summary>Opens <c>s3://bucket/prefix</c> on a given server, with given credentials.</summary>
    /// <exception cref="AddressException">The URL names no bucket.</exception>
    public static S3Store Open(string url, string endpoint, AWSCredentials credentials) =>
        Open(S3Address.Parse(url), () => AwsConnection.S3(credentials, endpoint));

    private static S3Store Open(S3Address address, Func<AmazonS3Client> connect)
    {
        try
        {
            return new S3Store(address, connect());
        }
        catch (AmazonClientException e)
        {
            throw new StoreException(address.Url, AwsFault.Explain(e, "S3", endpoint: null), e);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) =>
        (await HeadAsync(key, cancellation).ConfigureAwait(false)) is { } head ? Describe(key, head) : null;

    /// <inheritdoc/>
    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation) => _faults.InAsync(key, "be read", async () =>
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using GetObjectResponse response = await _s3.GetObjectAsync(_address.Bucket, _address.NameOf(key), cancellation).ConfigureAwait(false);
                string etag = _faults.ETagOf(key, response.ETag);
                _bucketSeen = true;
                var content = new byte[response.ContentLength];
                await FillAsync(response.ResponseStream, content, cancellation).ConfigureAwait(false);
                return new StoredBytes(content, etag);
            }
            catch (AmazonS3Exception e) when (S3Faults.IsAbsent(e))
            {
                return null;
            }
            catch (Exception e) when (IsBreak(e, cancellation) && attempt < Attempts)
            {
                await PauseAsync(attempt, cancellation).ConfigureAwait(false);
            }
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
            for (int attempt = 1; ; attempt++)
            {
                using var body = new MemoryStream(ArrayOf(content, out int start), start, content.Length, writable: false);
                var request = new PutObjectRequest
                {
                    BucketName = _address.Bucket,
                    Key = _address.NameOf(key),
                    InputStream = body,
                    IfNoneMatch = condition.MustBeAbsent ? "*" : null,
                    IfMatch = condition.MustMatch, // without quotes, as RGW wants it; S3 takes either
                };
                request.Metadata[Mark] = mark;
                try
                {
                    PutObjectResponse response = await _s3.PutObjectAsync(request, cancellation).ConfigureAwait(false);
                    _bucketSeen = true;
                    return new StoredObject(key, content.Length, _faults.ETagOf(key, response.ETag), TimeProvider.System.GetUtcNow());
                }
                catch (AmazonS3Exception e) when (S3Faults.IsUnmet(e) || (condition.MustMatch is not null && S3Faults.IsAbsent(e)))
                {
                    GetObjectMetadataResponse? winner = await HeadAsync(key, cancellation).ConfigureAwait(false);
                    return winner?.Metadata[Mark] == mark ? Describe(key, winner) : null;
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Conflict && attempt < Attempts)
                {
                    await PauseAsync(attempt, cancellation).ConfigureAwait(false); // another conditional put was under way: who won is not said
                }
            }
        }, cancellation);

    /// <inheritdoc/>
    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult<ObjectWriter>(new S3ObjectWriter(this, new MultipartUpload(_s3, _address, _faults, key, Mark), key));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = _address.NameOf(prefix) };
        do
        {
            ListObjectsV2Response page = await _faults.InAsync(prefix, "be listed", () => _s3.ListObjectsV2Async(request, cancellation), cancellation).ConfigureAwait(false);
            if (page.Name is null) throw _faults.NotS3(prefix); // it would read as an empty store
            foreach (S3Object item in page.S3Objects ?? [])
            {
                // Some tools put an empty object where a folder would be.
                if (item.Key.EndsWith('/')) continue;
                yield return new StoredObject(item.Key[_address.Prefix.Length..], item.Size ?? 0, Unquoted(item.ETag), Utc(item.LastModified));
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellation) => _faults.InAsync(key, "be deleted", async () =>
    {
        try
        {
            await _s3.DeleteObjectAsync(_address.Bucket, _address.NameOf(key), cancellation).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (S3Faults.IsAbsent(e))
        {
            // Some servers say so; S3 itself does not.
        }

        return true;
    }, cancellation);

    /// <inheritdoc/>
    /// <remarks>S3 does not tell a writer that has died from one that is slow: what is older than <paramref name="age"/> is aborted either way.</remarks>
    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) =>
        _faults.InAsync(prefix, "be swept", () => MultipartUpload.SweepAsync(_s3, _address, prefix, age, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _s3.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What a HEAD says; null when there is no such object.</summary>
    internal Task<GetObjectMetadataResponse?> HeadAsync(string key, CancellationToken cancellation) => _faults.InAsync(key, "be looked up", async () =>
    {
        try
        {
            GetObjectMetadataResponse head = await _s3.GetObjectMetadataAsync(_address.Bucket, _address.NameOf(key), cancellation).ConfigureAwait(false);
            _bucketSeen = true;
            return head;
        }
        catch (AmazonS3Exception e) when (S3Faults.MayBeAbsent(e))
        {
            if (!_bucketSeen)
            {
                // The bucket may be what is missing. A listing says so; and it needs a right of its own, so a refusal proves nothing.
                try
                {
                    await _s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _address.Bucket, MaxKeys = 1 }, cancellation).ConfigureAwait(false);
                }
                catch (AmazonS3Exception refusal) when (refusal.StatusCode == HttpStatusCode.Forbidden)
                {
                }

                _bucketSeen = true;
            }

            return null;
        }
    }, cancellation);

    private StoredObject Describe(string key, GetObjectMetadataResponse head) => new(key, head.ContentLength, _faults.ETagOf(key, head.ETag), Utc(head.LastModified));

    internal static string Unquoted(string? etag) => etag?.Trim('"') ?? "";

    /// <summary>False when the object is gone or has another version.</summary>
    private Task<bool> TryReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => _faults.InAsync(item.Key, "be read", async () =>
    {
        for (int done = 0, attempt = 1; ;)
        {
            var request = new GetObjectRequest
            {
                BucketName = _address.Bucket,
                Key = _address.NameOf(item.Key),
                EtagToMatch = item.ETag,
                ByteRange = new ByteRange(offset + done, offset + buffer.Length - 1),
            };
            try
            {
                using GetObjectResponse response = await _s3.GetObjectAsync(request, cancellation).ConfigureAwait(false);
                while (done < buffer.Length)
                {
                    int read = await ReadSomeAsync(response.ResponseStream, buffer[done..], cancellation).ConfigureAwait(false);
                    if (read == 0) throw new IOException("it ended too early");
                    done += read;
                }

                return true;
            }
            catch (AmazonS3Exception e) when (S3Faults.IsUnmet(e) || S3Faults.IsAbsent(e))
            {
                return false;
            }
            catch (Exception e) when (IsBreak(e, cancellation) && attempt < Attempts)
            {
                // The SDK retries until an answer begins; what breaks off in the middle goes on where it did.
                await PauseAsync(attempt++, cancellation).ConfigureAwait(false);
            }
        }
    }, cancellation);

    private static async Task FillAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (!buffer.IsEmpty)
        {
            int read = await ReadSomeAsync(stream, buffer, cancellation).ConfigureAwait(false);
            if (read == 0) throw new IOException("it ended too early");
            buffer = buffer[read..];
        }
    }

    /// <summary>Reads, but does not wait for ever: the SDK's time-out ends where an answer begins.</summary>
    private static async Task<int> ReadSomeAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Stall);
        return await stream.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
    }

    private static bool IsBreak(Exception e, CancellationToken cancellation) =>
        e is IOException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static Task PauseAsync(int attempt, CancellationToken cancellation) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 100 << attempt)), cancellation);

    private static byte[] ArrayOf(ReadOnlyMemory<byte> content, out int start)
    {
        if (MemoryMarshal.TryGetArray(content, out ArraySegment<byte> segment))
        {
            start = segment.Offset;
            return segment.Array!;
        }

        start = 0;
        return content.ToArray();
    }

    private static DateTimeOffset Utc(DateTime? time) => time is { } value ? new DateTimeOffset(value.ToUniversalTime()) : default;
}
