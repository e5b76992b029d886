using Juoku.Tests.Servers;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>The chart in <c>deploy/helm/juoku</c>, as helm makes manifests of it.</summary>
internal static class JuokuChart
{
    /// <summary>Folder of the chart.</summary>
    public static string Folder { get; } = DeployFolder.PathOf("helm/juoku");

    /// <summary>Ways to install it, by name: those that users have, and one for every switch that changes what is made.</summary>
    public static IReadOnlyDictionary<string, string[]> Cases { get; } = new Dictionary<string, string[]>
    {
        ["dev"] = Values("dev"),
        ["stg"] = Values("stg"),
        ["prod"] = Values("prod"),
        ["keda"] = [.. Values("stg"), "--set", "autoscaling.mode=keda"],
        ["keda-tls"] = [.. Values("dev"), "--set", "autoscaling.mode=keda,keda.tlsSecret=scaler-tls,keda.fallback.failureThreshold=3,keda.fallback.replicas=2"],
        ["none"] = [.. Values("dev"), "--set", "autoscaling.mode=none,worker.replicas=3,features.enabled=false,training.enabled=false,networkPolicy.enabled=false"],
        ["custom"] = [.. Values("prod"), "--values", DeployFolder.PathOf("../tests/Juoku.Deploy.Tests/Chart/custom.yaml")],
    };

    /// <summary>The manifests of a case; fails the test where helm does.</summary>
    public static async Task<string> RenderAsync(string name, int generation = 4)
    {
        ToolResult render = await TemplateAsync(generation, Cases[name]);
        Assert.True(render.ExitCode == 0, render.All);
        return render.Output;
    }

    /// <summary>What <c>helm template</c> says.</summary>
    public static Task<ToolResult> TemplateAsync(int generation, params string[] arguments) =>
        Tool.RunAsync(HelmProgram.Of(generation).Helm, Folder, ["template", "juoku", ".", "--namespace", "ads", .. arguments]);

    /// <summary>What <c>helm lint</c> says.</summary>
    public static Task<ToolResult> LintAsync(int generation, params string[] arguments) =>
        Tool.RunAsync(HelmProgram.Of(generation).Helm, Folder, ["lint", ".", "--strict", .. arguments]);

    /// <summary>Arguments that lay the values of an environment over the defaults.</summary>
    public static string[] Values(string environment) => ["--values", $"values-{environment}.yaml"];
}
