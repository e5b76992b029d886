using Juoku.Aws.Queues;
using Juoku.Aws.Stores;
using Juoku.Batch;

namespace Juoku.Aws;

/// <summary>What this project adds to the kinds of stores and queues.</summary>
public static class AwsAdapters
{
    /// <summary>Adds <c>s3://bucket/prefix</c> and <c>sqs://queue-name</c>.</summary>
    public static Adapters AddAws(this Adapters adapters) => adapters.WithStore("s3", S3Store.Open).WithQueue("sqs", SqsQueue.Open);
}
