using Juoku.Tests.Servers;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>A real API server's opinion of the chart; nothing is changed there.</summary>
public sealed class ClusterTests
{
    [Theory]
    [InlineData("dev")]
    [InlineData("none")]
    public async Task Manifests_ApiServer_WouldTakeThem(string name)
    {
        string? kubeconfig = Environment.GetEnvironmentVariable("JUOKU_TEST_KUBECONFIG");
        Assert.SkipWhen(string.IsNullOrEmpty(kubeconfig), "JUOKU_TEST_KUBECONFIG names no cluster");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, (await JuokuChart.RenderAsync(name)).Replace("namespace: ads", "namespace: default", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            ToolResult apply = await Tool.RunAsync(HelmProgram.Of(4).Kubectl, JuokuChart.Folder,
                "--kubeconfig", kubeconfig!, "--namespace", "default", "apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename", file);

            Assert.True(apply.ExitCode == 0, apply.All);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
