using Juoku.Batch.Tests.Queues;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Juoku.Batch.Tests;

/// <summary>Runs the tests, or is one of the processes that a test about several processes starts.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        [QueueProcess.Command, .. var words] => QueueProcess.RunAsync(words),
        _ when args.Any(word => word is "--server" or "--internal-msbuild-node") =>
            TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => ConsoleRunner.Run(args),
    };
}
