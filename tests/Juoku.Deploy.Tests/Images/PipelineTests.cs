using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Juoku.Deploy.Tests.Images;

/// <summary>What the two continuous integration services are told.</summary>
public sealed partial class PipelineTests
{
    private const string GitHub = ".github/workflows/ci.yml", Circle = ".circleci/config.yml";

    [Theory]
    [InlineData(GitHub)]
    [InlineData(Circle)]
    public void Scripts_FilesOfTheRepository_Exist(string pipeline)
    {
        string[] scripts = [.. Scripts(Load(pipeline))];

        Assert.NotEmpty(scripts);
        Assert.All(scripts.SelectMany(script => FilePattern().Matches(script)).Select(match => match.Value).Where(file => !file.StartsWith("artifacts/", StringComparison.Ordinal)),
            file => Assert.True(Path.Exists(PathOf(file)), $"{pipeline} names {file}, which does not exist."));
    }

    [Theory]
    [InlineData(GitHub)]
    [InlineData(Circle)]
    public void Jobs_OfEach_TestBuildScanAndPublish(string pipeline)
    {
        YamlMappingNode root = Load(pipeline);
        string[] scripts = [.. Scripts(root)];

        Assert.Equal(["image", "publish", "test"], ((YamlMappingNode)root["jobs"]).Children.Keys.Select(key => $"{key}").Order());
        Assert.Single(scripts, "bash .ci/run");
        Assert.DoesNotContain(scripts, script => script.Contains("dotnet test", StringComparison.Ordinal));
        Assert.Single(scripts, script => script.StartsWith("deploy/images/build ", StringComparison.Ordinal));
        Assert.Single(scripts, script => script.StartsWith("deploy/images/publish ", StringComparison.Ordinal));
        Assert.Contains("trivy", File.ReadAllText(PathOf(pipeline)), StringComparison.Ordinal);
    }

    [Fact]
    public void Actions_OfGitHub_ArePinned()
    {
        string[] actions = [.. Nodes(Load(GitHub)).OfType<YamlMappingNode>().SelectMany(node => node.Children).Where(child => $"{child.Key}" == "uses").Select(child => $"{child.Value}")];

        Assert.NotEmpty(actions);
        Assert.All(actions, action => Assert.Matches(@"^[\w-]+/[\w-]+@(v?\d+(\.\d+)*|[0-9a-f]{40})$", action));
    }

    private static string PathOf(string file) => DeployFolder.PathOf($"../{file}");

    private static YamlMappingNode Load(string file)
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(PathOf(file));
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static IEnumerable<YamlNode> Nodes(YamlNode root) => root switch
    {
        YamlMappingNode map => [map, .. map.Children.Values.SelectMany(Nodes)],
        YamlSequenceNode list => list.Children.SelectMany(Nodes),
        _ => [],
    };

    /// <summary>Shell scripts: the value of <c>run</c>, or its <c>command</c>.</summary>
    private static IEnumerable<string> Scripts(YamlNode root) =>
        from map in Nodes(root).OfType<YamlMappingNode>()
        from child in map.Children
        where $"{child.Key}" == "run"
        select child.Value is YamlMappingNode step ? $"{step["command"]}" : $"{child.Value}";

    [GeneratedRegex(@"(?<![\w./$-])(\.ci|deploy|tests|src|artifacts)/[\w./-]*\w|(?<![\w./])global\.json")]
    private static partial Regex FilePattern();
}
