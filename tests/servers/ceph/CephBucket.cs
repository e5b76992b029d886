using Amazon.Runtime;
using Amazon.S3;
using Juoku.Aws.Stores;

namespace Juoku.Tests.Servers;

/// <summary>Stores in a bucket of a test cluster.</summary>
internal static class CephBucket
{
    /// <summary>The bucket that tests share, each in a prefix of its own.</summary>
    public const string Name = "juoku";

    /// <summary>Opens a prefix of the bucket, which is made if it is not there.</summary>
    public static async Task<S3Store> OpenAsync(CephServer server, string prefix, string? endpoint = null)
    {
        var credentials = new BasicAWSCredentials(CephServer.AccessKey, CephServer.SecretKey);
        using (var s3 = new AmazonS3Client(credentials, new AmazonS3Config { ServiceURL = server.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" }))
            await s3.PutBucketAsync(Name);
        return S3Store.Open($"s3://{Name}/{prefix}", endpoint ?? server.Endpoint, credentials);
    }
}
