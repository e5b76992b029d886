using Juoku.App.Configuration;
using Juoku.App.Demo;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;
using Juoku.Bench;
using Juoku.Forest;
using Juoku.Learning.Features;
using Juoku.Learning.LightGbm;
using Juoku.Learning.Registry;
using Juoku.Scaling;
using Juoku.Scaling.Kubernetes;

namespace Juoku.App;

/// <summary>What a command tells the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int BadInput = 3;
    public const int NotFound = 4;

    /// <summary>The code for an error, and the line that explains it.</summary>
    public static (int Code, string Line) Explain(Exception error) => error switch
    {
        OperationCanceledException => (Failed, "interrupted; no unfinished output was left"),
        UsageException or AddressException or SettingsException => (Usage, error.Message),
        ModelFilesException { IsMissing: true } or ModelNotFoundException => (NotFound, error.Message),
        ModelFormatException or TableException or ModelFilesException or RegistryException or FeatureException or ScalingException => (BadInput, error.Message),
        NotFoundException or StoreNotFoundException or QueueNotFoundException or FileNotFoundException or DirectoryNotFoundException => (NotFound, error.Message),
        StoreException or QueueException or OutputException or IOException or UnauthorizedAccessException => (Failed, error.Message),
        RunException => (Failed, error.Message),
        ClusterException { Fault: ClusterFault.NotFound } => (NotFound, error.Message),
        ClusterException { Fault: ClusterFault.Settings } => (BadInput, error.Message),
        ClusterException => (Failed, error.Message),
        LightGbmUnavailableException or LightGbmException or BenchmarkException or DemoException => (Failed, error.Message),
        _ => (Failed, $"internal error, please report it: {error.GetType().Name}: {error.Message}"),
    };
}
