using System.Diagnostics;
using Juoku.Tests.Servers;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>What people ask the real API server with.</summary>
internal static class Kubectl
{
    /// <summary>Runs it and returns what it writes; fails the test where it does, and skips it where it is not installed.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        string kubeconfig = Environment.GetEnvironmentVariable(TestCluster.Variable)!;
        using Process process = Process.Start(new ProcessStartInfo(HelmProgram.Of(4).Kubectl, ["--kubeconfig", kubeconfig, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(stop), errors = process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}
