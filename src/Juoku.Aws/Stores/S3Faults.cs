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
            return await step().ConfigureAwait(false);
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

    /// <summary>Whether S3 says that an object, and not its bucket, is missing. A HEAD has no body and cannot say which.</summary>
    public static bool IsAbsent(AmazonS3Exception e) => e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" };

    /// <summary>Whether a condition did not hold.</summary>
    public static bool IsUnmet(AmazonS3Exception e) => e.StatusCode == HttpStatusCode.PreconditionFailed;
}
