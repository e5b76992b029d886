using Amazon.Runtime;
using Amazon.S3;
using Amazon.SQS;

namespace Juoku.Aws;

/// <summary>
/// How services are reached. Endpoint, region, credentials, retry mode and checksums come from the SDK's own chain (environment, profile,
/// instance or pod role); set here is only what it has no setting for, or a poor default.
/// </summary>
internal static class AwsConnection
{
    /// <summary>Five attempts, with the SDK's exponential back-off and full jitter between them: about 8 s in all, 15 s at most.</summary>
    private const int Retries = 4;

    private const string ChecksumVariable = "AWS_REQUEST_CHECKSUM_CALCULATION";

    /// <summary>A client for S3, or what speaks like it where an endpoint is configured.</summary>
    public static AmazonS3Client S3(AWSCredentials? credentials = null, string? endpoint = null, int retries = Retries)
    {
        var config = new AmazonS3Config();
        Prepare(config, endpoint, retries);
        if (config.ServiceURL is not null)
        {
            // Bucket names are no host names there, and few such servers know the checksums that the SDK now adds to every upload.
            // Uploads are signed in any case, and so cannot change on their way.
            config.ForcePathStyle = true;
            if (Environment.GetEnvironmentVariable(ChecksumVariable) is null)
            {
                config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
                config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
            }
        }

        return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    /// <summary>A client for SQS, or what speaks like it where an endpoint is configured.</summary>
    public static AmazonSQSClient Sqs(AWSCredentials? credentials = null, string? endpoint = null, int retries = Retries)
    {
        var config = new AmazonSQSConfig();
        Prepare(config, endpoint, retries);
        return credentials is null ? new AmazonSQSClient(config) : new AmazonSQSClient(credentials, config);
    }

    private static void Prepare(ClientConfig config, string? endpoint, int retries)
    {
        if ((endpoint ?? config.ServiceURL) is { } url)
        {
            // In this order: once asked for its region, the SDK forgets an endpoint that only the environment names.
            config.AuthenticationRegion ??= config.RegionEndpoint?.SystemName ?? Region();
            config.ServiceURL = url;
        }

        config.ConnectTimeout = TimeSpan.FromSeconds(10);
        if (Environment.GetEnvironmentVariable("AWS_RETRY_MODE") is null) config.RetryMode = RequestRetryMode.Standard;
        if (Environment.GetEnvironmentVariable("AWS_MAX_ATTEMPTS") is null) config.MaxErrorRetry = retries;
    }

    /// <summary>Servers elsewhere care little for the region, but it is signed.</summary>
    private static string Region() =>
        Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") ?? "us-east-1";
}
