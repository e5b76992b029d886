using YamlDotNet.RepresentationModel;

namespace Juoku.Deploy.Tests.Monitoring;

public sealed class RulesTests
{
    private static readonly string Folder = DeployFolder.PathOf("prometheus");

    [Fact]
    public async Task Rules_PromtoolChecks_FindsNothing()
    {
        ToolResult check = await Tool.RunAsync("promtool", Folder, "check", "rules", "--lint=all", "--lint-fatal", "juoku.rules.yaml");

        Assert.True(check.ExitCode == 0, check.All);
    }

    [Fact]
    public async Task Rules_OwnTests_Pass()
    {
        ToolResult tests = await Tool.RunAsync("promtool", Folder, "test", "rules", "juoku.rules.test.yaml");

        Assert.True(tests.ExitCode == 0, tests.All);
    }

    [Fact]
    public void Alerts_EachOne_IsTestedBothWays()
    {
        var tested = Maps(Load("juoku.rules.test.yaml"), "tests").Where(test => test.Children.ContainsKey("alert_rule_test"))
            .SelectMany(test => Maps(test, "alert_rule_test"))
            .ToLookup(test => Text(test, "alertname"), test => test.Children.ContainsKey("exp_alerts"));

        Assert.All(Alerts(), alert => Assert.Equal([false, true], tested[Text(alert, "alert")].Distinct().Order()));
    }

    [Fact]
    public void Alerts_EachOne_IsExplained()
    {
        string page = File.ReadAllText(DeployFolder.PathOf("../docs/deploy.md"));

        Assert.All(Alerts(), alert =>
        {
            string name = Text(alert, "alert");
            var annotations = (YamlMappingNode)alert["annotations"];
            Assert.Equal(["description", "runbook", "summary"], annotations.Children.Keys.Select(key => $"{key}").Order());
            Assert.Equal($"docs/deploy.md#{name.ToLowerInvariant()}", Text(annotations, "runbook"));
            Assert.Contains($"\n### {name}\n", page, StringComparison.Ordinal);
            Assert.Contains(Text((YamlMappingNode)alert["labels"], "severity"), new[] { "warning", "critical" });
        });
    }

    [Fact]
    public void Rules_MetricsTheyUse_Exist() =>
        Assert.Empty(Rules().SelectMany(rule => PrometheusNames.In(Text(rule, "expr"))).Except(PrometheusNames.All));

    /// <summary>Names of the recording rules, for whoever reads what they record.</summary>
    internal static IEnumerable<string> Recorded() => Rules().Where(rule => rule.Children.ContainsKey("record")).Select(rule => Text(rule, "record"));

    private static IEnumerable<YamlMappingNode> Alerts() => Rules().Where(rule => rule.Children.ContainsKey("alert"));

    private static IEnumerable<YamlMappingNode> Rules() => Maps(Load("juoku.rules.yaml"), "groups").SelectMany(group => Maps(group, "rules"));

    private static YamlMappingNode Load(string file)
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(Path.Combine(Folder, file));
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static IEnumerable<YamlMappingNode> Maps(YamlMappingNode node, string key) => ((YamlSequenceNode)node[key]).Cast<YamlMappingNode>();

    private static string Text(YamlMappingNode node, string key) => $"{node[key]}";
}
