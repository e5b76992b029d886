namespace Juoku.Deploy.Tests.Chart;

/// <summary>
/// What helm makes of the chart, against <c>golden/*.yaml</c>. After a change that is meant: <c>JUOKU_UPDATE_GOLDEN=1 ./test Rendering</c>, and
/// read what <c>git diff</c> says.
/// </summary>
public sealed class RenderingTests
{
    private static readonly string Golden = DeployFolder.PathOf("../tests/Juoku.Deploy.Tests/golden");

    public static TheoryData<string> Cases => [.. JuokuChart.Cases.Keys];

    public static TheoryData<string, int> CasesAndGenerations
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string name in JuokuChart.Cases.Keys)
                foreach (int generation in (int[])[3, 4]) data.Add(name, generation);
            return data;
        }
    }

    [Theory, MemberData(nameof(CasesAndGenerations))]
    public async Task Template_EachCase_IsAsItWas(string name, int generation)
    {
        string file = Path.Combine(Golden, $"{name}.yaml"), manifests = WithoutCopies(await JuokuChart.RenderAsync(name, generation));
        if (Environment.GetEnvironmentVariable("JUOKU_UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(file, manifests, TestContext.Current.CancellationToken);

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), manifests);
    }

    [Theory, MemberData(nameof(CasesAndGenerations))]
    public async Task Lint_EachCase_FindsNothing(string name, int generation)
    {
        ToolResult lint = await JuokuChart.LintAsync(generation, JuokuChart.Cases[name]);

        Assert.True(lint.ExitCode == 0, lint.All);
    }

    [Theory]
    [InlineData("juoku.json", "grafana/juoku.json")]
    [InlineData("juoku.rules.yaml", "prometheus/juoku.rules.yaml")]
    public void Files_CopiedIntoTheChart_AreTheOriginals(string copy, string original) =>
        Assert.Equal(DeployFolder.Read(original), DeployFolder.Read($"helm/juoku/files/{copy}"));

    [Fact]
    public async Task Version_ChartAndProgram_AreTheSame()
    {
        string props = await File.ReadAllTextAsync(DeployFolder.PathOf("../Directory.Build.props"), TestContext.Current.CancellationToken);
        string version = props.Split("<Version>")[1].Split("</Version>")[0];

        Assert.Contains($"\nappVersion: {version}\n", DeployFolder.Read("helm/juoku/Chart.yaml"), StringComparison.Ordinal);
    }

    /// <summary>The manifests with what the chart copies in replaced by where it comes from; it has to be in them word for word.</summary>
    private static string WithoutCopies(string manifests)
    {
        foreach ((string file, string indent) in (ReadOnlySpan<(string, string)>)[("grafana/juoku.json", "    "), ("prometheus/juoku.rules.yaml", "  ")])
        {
            string text = DeployFolder.Read(file).TrimEnd('\n');
            manifests = manifests.Replace(string.Join('\n', text.Split('\n').Select(line => indent + line)), $"{indent}# deploy/{file}", StringComparison.Ordinal);
        }

        return manifests;
    }
}
