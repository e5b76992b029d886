using Amazon.S3;
using Amazon.S3.Model;

namespace Juoku.Aws.Stores;

/// <summary>The requests that make up one multipart upload.</summary>
internal sealed class MultipartUpload(AmazonS3Client s3, S3Address address, S3Faults faults, string key, string markName)
{
    private readonly string _mark = Guid.NewGuid().ToString("n");
    private readonly Lock _gate = new();
    private Task<string>? _id;

    /// <summary>Whether it has begun.</summary>
    public bool Begun => _id is not null;

    /// <summary>Uploads a part, the first of them after beginning the upload.</summary>
    public Task<PartETag> PutPartAsync(int number, byte[] content, int length, CancellationToken cancellation) => faults.InAsync(key, "be written", async () =>
    {
        string id = await IdAsync().ConfigureAwait(false);
        using var body = new MemoryStream(content, 0, length, writable: false);
        var request = new UploadPartRequest
        {
            BucketName = address.Bucket,
            Key = address.NameOf(key),
            UploadId = id,
            PartNumber = number,
            PartSize = length,
            InputStream = body,
        };
        UploadPartResponse response = await s3.UploadPartAsync(request, cancellation).ConfigureAwait(false);
        return new PartETag(number, response.ETag);
    }, cancellation);

    /// <summary>Makes the object appear; returns its ETag, empty where the server does not say.</summary>
    /// <param name="parts">All of them, in order.</param>
    /// <param name="lookUp">Asks for the object's metadata: says whose it is, when the answer to a first attempt was lost.</param>
    /// <param name="cancellation">Stops.</param>
    public Task<string> CompleteAsync(List<PartETag> parts, Func<Task<GetObjectMetadataResponse?>> lookUp, CancellationToken cancellation) =>
        faults.InAsync(key, "be completed", async () =>
        {
            var request = new CompleteMultipartUploadRequest
            {
                BucketName = address.Bucket,
                Key = address.NameOf(key),
                UploadId = await IdAsync().ConfigureAwait(false),
                PartETags = parts,
            };
            try
            {
                CompleteMultipartUploadResponse response = await s3.CompleteMultipartUploadAsync(request, cancellation).ConfigureAwait(false);
                return S3Store.Unquoted(response.ETag);
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
            {
                GetObjectMetadataResponse? found = await lookUp().ConfigureAwait(false);
                if (found?.Metadata[markName] != _mark) throw;
                return S3Store.Unquoted(found.ETag);
            }
        }, cancellation);

    /// <summary>Removes the parts again.</summary>
    public Task AbortAsync(CancellationToken cancellation) => faults.InAsync(key, "be abandoned", async () =>
    {
        await AbortAsync(s3, address.Bucket, address.NameOf(key), await IdAsync().ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return true;
    }, cancellation);

    /// <summary>Aborts all uploads under a prefix that were begun at least <paramref name="age"/> ago; returns how many there were.</summary>
    public static async Task<int> SweepAsync(AmazonS3Client s3, S3Address address, string prefix, TimeSpan age, CancellationToken cancellation)
    {
        DateTimeOffset limit = TimeProvider.System.GetUtcNow() - age;
        int swept = 0;
        var request = new ListMultipartUploadsRequest { BucketName = address.Bucket, Prefix = address.NameOf(prefix) };
        while (true)
        {
            ListMultipartUploadsResponse page = await s3.ListMultipartUploadsAsync(request, cancellation).ConfigureAwait(false);
            foreach (Amazon.S3.Model.MultipartUpload upload in page.MultipartUploads ?? [])
            {
                if (age > TimeSpan.Zero && upload.Initiated is { } begun && begun.ToUniversalTime() > limit) continue;
                await AbortAsync(s3, address.Bucket, upload.Key, upload.UploadId, cancellation).ConfigureAwait(false);
                swept++;
            }

            if (page.IsTruncated != true) return swept;
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    private static async Task AbortAsync(AmazonS3Client s3, string bucket, string name, string id, CancellationToken cancellation)
    {
        try
        {
            await s3.AbortMultipartUploadAsync(bucket, name, id, cancellation).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            // It is gone already: an earlier attempt, or another sweep.
        }
    }

    /// <summary>Begins the upload, once. That is not cancelled: an upload whose id nobody knows could not be aborted.</summary>
    private Task<string> IdAsync()
    {
        lock (_gate) return _id ??= BeginAsync();
    }

    private async Task<string> BeginAsync()
    {
        var request = new InitiateMultipartUploadRequest { BucketName = address.Bucket, Key = address.NameOf(key) };
        request.Metadata[markName] = _mark;
        InitiateMultipartUploadResponse response = await s3.InitiateMultipartUploadAsync(request, CancellationToken.None).ConfigureAwait(false);
        return response.UploadId;
    }
}
