using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Juoku.Deploy.Tests.Kind;

public sealed class KindTests
{
    [Theory]
    [InlineData("dual-stack", "dual"), InlineData("ipv6", "ipv6")]
    public void Cluster_Network_IsAsItsNameSays(string file, string family)
    {
        YamlMappingNode cluster = Assert.Single(Load($"{file}.yaml"));

        Assert.Equal(("Cluster", "kind.x-k8s.io/v1alpha4", "juoku"), ($"{cluster["kind"]}", $"{cluster["apiVersion"]}", $"{cluster["name"]}"));
        Assert.Equal(family, $"{cluster["networking"]["ipFamily"]}");
        Assert.Equal("@DATA@", $"{cluster["nodes"][0]["extraMounts"][0]["hostPath"]}");
        Assert.Equal($"{Volume("PersistentVolume")["spec"]["hostPath"]["path"]}", $"{cluster["nodes"][0]["extraMounts"][0]["containerPath"]}");
    }

    [Fact]
    public void Volume_Claim_IsTheOneThatPodsMount()
    {
        YamlMappingNode volume = Volume("PersistentVolume"), claim = Volume("PersistentVolumeClaim");

        Assert.Equal($"{claim["metadata"]["name"]}", $"{volume["spec"]["claimRef"]["name"]}");
        Assert.Equal($"{claim["metadata"]["namespace"]}", $"{volume["spec"]["claimRef"]["namespace"]}");
        Assert.Equal($"{volume["metadata"]["name"]}", $"{claim["spec"]["volumeName"]}");
        YamlMappingNode values = Assert.Single(Load("values.yaml")), job = Assert.Single(Load("run.yaml"));
        foreach (YamlNode volumes in (YamlNode[])[values["extraVolumes"], job["spec"]["template"]["spec"]["volumes"]])
            Assert.Equal($"{claim["metadata"]["name"]}", $"{volumes[0]["persistentVolumeClaim"]["claimName"]}");
    }

    [Fact]
    public void Run_StoreAndQueue_AreTheWorkers()
    {
        YamlNode values = Assert.Single(Load("values.yaml"))["config"];

        Assert.All(Containers(), container => Assert.Equal(
            [("JUOKU__STORE", $"{values["store"]}"), ("JUOKU__QUEUE", $"{values["queue"]}")],
            ((YamlSequenceNode)container["env"]).Select(variable => ($"{variable["name"]}", $"{variable["value"]}"))));
        Assert.All(Containers(), container => Assert.Equal("juoku:dev", $"{container["image"]}"));
    }

    /// <summary>The Job's commands, typed here: a folder stands for the volume, and a worker for those that the controller would start.</summary>
    [Fact]
    public async Task Run_ItsCommands_EndInPublishedPredictions()
    {
        string data = Directory.CreateTempSubdirectory("juoku-kind-").FullName;
        try
        {
            foreach (YamlMappingNode container in Containers())
                await JuokuAsync(data, [.. ((YamlSequenceNode)container["args"]).Select(argument => $"{argument}")]);
            await JuokuAsync(data, "worker", "--threads", "1", "--stop-when-idle", "1s");

            JsonElement run = Assert.Single(JsonDocument.Parse((await JuokuAsync(data, "run", "list", "--json")).Output).RootElement.EnumerateArray());
            Assert.Equal("published", run.GetProperty("state").GetString());
            Assert.True(File.Exists(Path.Combine(data, "predictions/ctr/CURRENT")));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Script_Shellcheck_FindsNothing()
    {
        ToolResult check = await Tool.RunAsync("shellcheck", DeployFolder.PathOf("kind"), "up");

        Assert.Equal("", check.All);
    }

    private static async Task<ToolResult> JuokuAsync(string data, params string[] arguments)
    {
        string[] line = [Path.Combine(AppContext.BaseDirectory, "juoku.dll"), .. arguments.Select(argument => argument.Replace("/data/", $"{data}/", StringComparison.Ordinal))];
        ToolResult result = await Tool.RunAsync("env", data, [$"JUOKU__STORE=file://{data}", $"JUOKU__QUEUE=sqlite:{data}/queue.db", "dotnet", .. line]);
        Assert.True(result.ExitCode == 0, $"juoku {string.Join(' ', arguments)}: {result.All}");
        return result;
    }

    private static YamlMappingNode Volume(string kind) => Assert.Single(Load("volume.yaml"), document => $"{document["kind"]}" == kind);

    /// <summary>The containers of the Job in the order in which they run, each with what it merges in.</summary>
    private static IEnumerable<YamlMappingNode> Containers()
    {
        var pod = (YamlMappingNode)Assert.Single(Load("run.yaml"))["spec"]["template"]["spec"];
        foreach (YamlNode container in ((YamlSequenceNode)pod["initContainers"]).Concat((YamlSequenceNode)pod["containers"]))
        {
            var merged = (YamlMappingNode)container;
            if (merged.Children.TryGetValue("<<", out YamlNode? from))
                merged = new YamlMappingNode(((YamlMappingNode)from).Where(pair => !merged.Children.ContainsKey(pair.Key)).Concat(merged.Children));
            yield return merged;
        }
    }

    private static IEnumerable<YamlMappingNode> Load(string file)
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(DeployFolder.PathOf($"kind/{file}"));
        yaml.Load(new Parser(text));
        return yaml.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }
}
