using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Juoku.Soak.Tests;

/// <summary>Runs the tests, or the soak in its long form, or is one of its workers.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        [Soak.Command, .. var words] => Soak.MainAsync(words),
        [WorkerHost.Command, var setup] => WorkerHost.RunAsync(setup),
        _ when args.Any(word => word is "--server" or "--internal-msbuild-node") =>
            TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => ConsoleRunner.Run(args),
    };
}
