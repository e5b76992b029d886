using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Juoku.Deploy.Tests.Terraform;

/// <summary>What holds for every module, whatever the cloud.</summary>
public sealed partial class TerraformTests
{
    public static TheoryData<string> Modules { get; } = ["aws", "azure"];

    [Theory, MemberData(nameof(Modules))]
    public async Task Providers_Versions_ArePinned(string module)
    {
        JsonElement settings = Assert.Single((await TerraformModule.LoadAsync(module)).Of("terraform")).Body;

        Assert.StartsWith(">= 1.", settings.GetProperty("required_version").GetString());
        Assert.All(settings.GetProperty("required_providers").EnumerateArray().SelectMany(providers => providers.EnumerateObject()), provider =>
            Assert.Matches(@"^~> \d+\.\d+$", provider.Value.GetProperty("version").GetString()));
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task Variables_EachOne_IsDescribedAndTyped(string module)
    {
        Assert.All((await TerraformModule.LoadAsync(module)).Of("variable"), variable =>
        {
            Assert.True(variable.Body.TryGetProperty("type", out _), $"{variable.Name} has no type");
            Assert.True(variable.Body.TryGetProperty("description", out JsonElement description), $"{variable.Name} has no description");
            Assert.EndsWith(".", description.GetString());
        });
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task Readme_TableOfVariables_SaysWhatTheyAre(string module)
    {
        IEnumerable<string> wanted = (await TerraformModule.LoadAsync(module)).Of("variable")
            .Select(variable => $"{variable.Name}|{(variable.Body.TryGetProperty("default", out _) ? "" : "required")}|{variable.Body.GetProperty("description").GetString()}");

        IEnumerable<string> told = TableRow().Matches(Readme(module))
            .Select(row => $"{row.Groups["name"].Value}|{(row.Groups["default"].Value == "required" ? "required" : "")}|{row.Groups["description"].Value}");

        Assert.Equal(wanted.Order(), told.Order());
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task Outputs_EachOne_IsDescribedAndInTheReadme(string module)
    {
        string readme = Readme(module);

        Assert.All((await TerraformModule.LoadAsync(module)).Of("output"), output =>
        {
            Assert.True(output.Body.TryGetProperty("description", out _), $"{output.Name} has no description");
            Assert.Contains($"`{output.Name}`", readme, StringComparison.Ordinal);
        });
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task References_EachOne_LeadsSomewhere(string module)
    {
        TerraformModule parsed = await TerraformModule.LoadAsync(module);
        HashSet<string> declared = [.. parsed.Blocks.Select(block => block.Address), .. parsed.Locals().Select(local => $"local.{local.Name}")];

        Assert.Empty(parsed.Blocks.SelectMany(block => References.In(block.Body)).Select(reference => reference.Address).Except(declared));
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task VariablesAndLocals_EachOne_IsUsed(string module)
    {
        TerraformModule parsed = await TerraformModule.LoadAsync(module);
        IEnumerable<string> declared = parsed.Of("variable").Select(variable => variable.Address).Concat(parsed.Locals().Select(local => $"local.{local.Name}"));

        // A variable's own validation uses it in no way that matters.
        Assert.Empty(declared.Except(parsed.Blocks.Where(block => block.Kind != "variable").SelectMany(block => References.In(block.Body)).Select(reference => reference.Address)));
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task Resources_ArgumentsAndAttributes_AreThoseOfTheProvider(string module)
    {
        TerraformModule parsed = await TerraformModule.LoadAsync(module);
        ProviderSchema schema = ProviderSchema.Of(module);
        var blocks = parsed.Blocks.Where(block => block.Kind is "resource" or "data").ToDictionary(block => block.Address);

        Assert.Empty(blocks.Values.SelectMany(schema.Faults));
        Assert.Empty(from reference in parsed.Blocks.SelectMany(block => References.In(block.Body))
                     where reference.Attribute is not null && blocks.ContainsKey(reference.Address) && !schema.Has(blocks[reference.Address], reference.Attribute)
                     select $"{reference.Address}.{reference.Attribute}");
    }

    [Theory, MemberData(nameof(Modules))]
    public async Task Files_Format_IsTerraformsOwn(string module)
    {
        ToolResult format = await Tool.RunAsync("terraform", TerraformModule.PathOf(module), "fmt", "-check", "-diff");

        Assert.True(format.ExitCode == 0, format.Output);
    }

    /// <summary>What a module tells the chart is something that the chart can be told.</summary>
    [Theory, MemberData(nameof(Modules))]
    public async Task HelmValues_EachKey_IsOneOfTheChart(string module)
    {
        string values = DeployFolder.PathOf("helm/juoku/values.yaml");
        Assert.SkipUnless(File.Exists(values), "the chart is not there");
        var yaml = new YamlStream();
        using var text = new StreamReader(values);
        yaml.Load(text);

        JsonElement told = Assert.Single((await TerraformModule.LoadAsync(module)).Locals(), local => local.Name == "helm_values").Value;

        Assert.Empty(Strangers(told, (YamlMappingNode)yaml.Documents[0].RootNode, ""));
    }

    /// <summary>Keys that the chart does not have; where it has an empty map, any.</summary>
    private static IEnumerable<string> Strangers(JsonElement told, YamlMappingNode known, string path)
    {
        foreach (JsonProperty property in told.EnumerateObject())
        {
            if (!known.Children.TryGetValue(property.Name, out YamlNode? value)) yield return path + property.Name;
            else if (property.Value.ValueKind == JsonValueKind.Object && value is YamlMappingNode { Children.Count: > 0 } inner)
                foreach (string stranger in Strangers(property.Value, inner, $"{path}{property.Name}.")) yield return stranger;
        }
    }

    private static string Readme(string module) => File.ReadAllText(TerraformModule.PathOf(module, "README.md"));

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<default>.*?) \| (?<description>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
