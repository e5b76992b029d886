using System.Net;
using Amazon.S3;
using Juoku.Batch.Stores;

namespace Juoku.Aws.Stores;

/// <summary>Turns what the SDK throws into a <see cref="StoreException"/> that says what was being done to what.</summary>
internal sealed class S3Faults(S3Address address, string? endpoint)
{
    /// <summary>Runs a step.</summary>
    /// <param name="key">Object it is about.</param>
    /// <param name="what">Completes "cannot …".</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellation">What the step was given.</param>
    public async Task<T> InAsync<T>(string key, string what, Func<Task<T>> step, CancellationToken cancellation)
    {
        try
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (IsMisread(e))
            {
                return await step().ConfigureAwait(false);
            }
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchBucket")
        {
            throw NoBucket(e);
        }
        catch (Exception e) when (AwsFault.Is(e, cancellation))
        {
            throw new StoreException(address.UrlOf(key), $"cannot {what}: {AwsFault.Explain(e, "S3", endpoint)}", e);
        }
    }

    /// <summary>The bucket is not there.</summary>
    public StoreNotFoundException NoBucket(Exception cause) => new(
        address.Url, $"there is no bucket '{address.Bucket}'{(endpoint is null ? "" : $" at {endpoint}")}; create it, or correct the name", cause);

    /// <summary>An ETag without its quotes. What answers without one is not S3, though it may answer everything with 200.</summary>
    public string ETagOf(string key, string? etag) => etag?.Trim('"') is { Length: > 0 } text ? text : throw NotS3(key);

    /// <summary>Something answers there that is not S3.</summary>
    public StoreException NotS3(string key) =>
        new(address.UrlOf(key), $"what answers{(endpoint is null ? "" : $" at {endpoint}")} does not do so as S3 does; check AWS_ENDPOINT_URL_S3");

    /// <summary>
    /// Whether the server could not even read the request: a 400 without a word. One that refuses a put before it has read the content takes
    /// the rest of it for the start of the next request on that connection. Nothing was carried out, so it may be sent again, once.
    /// </summary>
    private static bool IsMisread(AmazonS3Exception e) => e is { StatusCode: HttpStatusCode.BadRequest, ErrorCode: null or "" or "BadRequest" };

    /// <summary>Whether S3 says that there is no such object. A 404 by itself may come from anyone, and a missing bucket is another matter.</summary>
    public static bool IsAbsent(AmazonS3Exception e) => e.ErrorCode == "NoSuchKey";

    /// <summary>Whether the answer to a HEAD, which has no body, can mean that there is no such object.</summary>
    public static bool MayBeAbsent(AmazonS3Exception e) => e.StatusCode == HttpStatusCode.NotFound;

    /// <summary>Whether a condition did not hold.</summary>
    public static bool IsUnmet(AmazonS3Exception e) => e.StatusCode == HttpStatusCode.PreconditionFailed;
}
