using System.Text.Json.Nodes;
using Juoku.Tests.Servers;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>A real API server's opinion of the chart; nothing is changed there.</summary>
public sealed class ClusterTests
{
    private static readonly string[] ThirdParties = ["keda.sh/v1alpha1", "monitoring.coreos.com/v1"];

    public static TheoryData<string> Cases => [.. JuokuChart.Cases.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task Manifests_ApiServer_WouldTakeThem(string name)
    {
        string? kubeconfig = Environment.GetEnvironmentVariable("JUOKU_TEST_KUBECONFIG");
        Assert.SkipWhen(string.IsNullOrEmpty(kubeconfig), "JUOKU_TEST_KUBECONFIG names no kubeconfig of a real API server");
        Manifest[] manifests = await RenderAsync(name);
        Dictionary<string, string[]> kinds = [];
        foreach (string version in manifests.Select(manifest => manifest.Version).Distinct()) kinds[version] = await KindsAsync(kubeconfig!, version);

        // Only what others define may be unknown to a server, and then all of it.
        Manifest[] known = [.. manifests.Where(manifest => kinds[manifest.Version].Contains(manifest.Kind))];
        Assert.All(manifests.Except(known), manifest => Assert.Contains(manifest.Version, ThirdParties));
        Assert.All(manifests.Except(known), manifest => Assert.Empty(kinds[manifest.Version]));
        IEnumerable<string> taken = await ApplyAsync(kubeconfig!, known);

        Assert.Equal(known.Select(manifest => $"{manifest.Kind} {manifest.Name}").Order(StringComparer.Ordinal), taken.Order(StringComparer.Ordinal));
    }

    private static async Task<Manifest[]> RenderAsync(string name) =>
    [
        .. from text in (await JuokuChart.RenderAsync(name)).Replace("namespace: ads", "namespace: default", StringComparison.Ordinal).Split("\n---\n")
           from manifest in YamlNodes.Read(text)
           select new Manifest($"{manifest["apiVersion"]}", $"{manifest["kind"]}", $"{manifest["metadata"]!["name"]}", text),
    ];

    /// <summary>The kinds that the server knows in a version of an API group; none where it does not know the group.</summary>
    private static async Task<string[]> KindsAsync(string kubeconfig, string version)
    {
        ToolResult asked = await KubectlAsync(kubeconfig, "get", "--raw", version.Contains('/') ? $"/apis/{version}" : $"/api/{version}");
        if (asked.ExitCode != 0 && asked.Errors.Contains("(NotFound)", StringComparison.Ordinal)) return [];
        Assert.True(asked.ExitCode == 0, asked.All);
        return [.. JsonNode.Parse(asked.Output)!["resources"]!.AsArray().Select(resource => $"{resource!["kind"]}").Distinct()];
    }

    /// <summary>Has the server check the manifests, and do all but keep them.</summary>
    /// <returns>Kind and name of those that it would have taken.</returns>
    private static async Task<IEnumerable<string>> ApplyAsync(string kubeconfig, IEnumerable<Manifest> manifests)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, string.Join("\n---\n", manifests.Select(manifest => manifest.Text)), TestContext.Current.CancellationToken);

            // Whoever has the chart installed there owns its fields; what is asked is whether they are right.
            ToolResult apply = await KubectlAsync(kubeconfig, "apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--namespace", "default",
                "--output", "json", "--filename", file);
            Assert.True(apply.ExitCode == 0, apply.All);
            return [.. JsonNode.Parse(apply.Output)!["items"]!.AsArray().Select(item => $"{item!["kind"]} {item["metadata"]!["name"]}")];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<ToolResult> KubectlAsync(string kubeconfig, params string[] arguments) =>
        Tool.RunAsync(HelmProgram.Of(4).Kubectl, JuokuChart.Folder, ["--kubeconfig", kubeconfig, .. arguments]);

    private sealed record Manifest(string Version, string Kind, string Name, string Text);
}
