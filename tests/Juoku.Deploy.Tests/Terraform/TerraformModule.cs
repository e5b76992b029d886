using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Juoku.Tests.Servers;

namespace Juoku.Deploy.Tests.Terraform;

/// <summary>A folder of Terraform files, parsed. What stands between quotes or is an expression is text, as in Terraform's own JSON syntax.</summary>
internal sealed class TerraformModule
{
    private static readonly NodePackage Parser = new("hcl2json");
    private static readonly ConcurrentDictionary<string, Lazy<Task<TerraformModule>>> Parsed = new(); // parsing is the slow part of every test

    private TerraformModule(string name, ImmutableArray<TerraformBlock> blocks) => (Name, Blocks) = (name, blocks);

    /// <summary>The folder's name.</summary>
    public string Name { get; }

    /// <summary>Every block of every file.</summary>
    public ImmutableArray<TerraformBlock> Blocks { get; }

    /// <summary>Path of something in a module's folder.</summary>
    public static string PathOf(string module, string file = "") => DeployFolder.PathOf(Path.Combine("terraform", module, file));

    /// <summary>Parses a module; a file that does not parse fails the test, with place and reason.</summary>
    public static Task<TerraformModule> LoadAsync(string module) => Parsed.GetOrAdd(module, _ => new Lazy<Task<TerraformModule>>(() => ParseAsync(module))).Value;

    /// <summary>Blocks of a kind: <c>variable</c>, <c>resource</c> …</summary>
    public IEnumerable<TerraformBlock> Of(string kind) => Blocks.Where(block => block.Kind == kind);

    /// <summary>Resources of a type.</summary>
    public IEnumerable<TerraformBlock> Resources(string type) => Of("resource").Where(block => block.Type == type);

    /// <summary>The one resource of a type and name.</summary>
    public JsonElement Resource(string type, string name) => Assert.Single(Resources(type), block => block.Name == name).Body;

    /// <summary>Local values by name.</summary>
    public IEnumerable<JsonProperty> Locals() => Of("locals").SelectMany(block => block.Body.EnumerateObject());

    private static async Task<TerraformModule> ParseAsync(string module)
    {
        Assert.SkipWhen(Parser.Missing is not null, Parser.Missing ?? "");
        string script = await File.ReadAllTextAsync(Path.Combine(Parser.Sources, "parse.mjs"), TestContext.Current.CancellationToken);
        ToolResult parsed = await Tool.RunAsync("node", Parser.Folder, "--input-type=module", "--eval", script, PathOf(module));
        Assert.True(parsed.ExitCode == 0, parsed.All);
        using JsonDocument files = JsonDocument.Parse(parsed.Output);
        var blocks = ImmutableArray.CreateBuilder<TerraformBlock>();
        foreach (JsonProperty file in files.RootElement.EnumerateObject())
        {
            if (file.Value.ValueKind == JsonValueKind.String) Assert.Fail($"{module}/{file.Name}: {file.Value.GetString()}");
            foreach (JsonProperty kind in file.Value.EnumerateObject()) blocks.AddRange(BlocksOf(kind.Name, kind.Value));
        }

        return new TerraformModule(module, blocks.ToImmutable());
    }

    private static IEnumerable<TerraformBlock> BlocksOf(string kind, JsonElement content) => kind switch
    {
        "resource" or "data" => from type in content.EnumerateObject()
                                from name in type.Value.EnumerateObject()
                                from body in name.Value.EnumerateArray()
                                select new TerraformBlock(kind, type.Name, name.Name, body.Clone()),
        "locals" or "terraform" => content.EnumerateArray().Select(body => new TerraformBlock(kind, "", "", body.Clone())),
        _ => from name in content.EnumerateObject() from body in name.Value.EnumerateArray() select new TerraformBlock(kind, "", name.Name, body.Clone()),
    };
}

/// <summary>A block: <c>resource "type" "name" { body }</c>.</summary>
/// <param name="Kind">Its first word.</param>
/// <param name="Type">Type of a resource or data source; else empty.</param>
/// <param name="Name">Its name; empty where it has none.</param>
/// <param name="Body">What stands in it.</param>
internal sealed record TerraformBlock(string Kind, string Type, string Name, JsonElement Body)
{
    /// <summary>As expressions write it.</summary>
    public string Address => Kind switch
    {
        "resource" => $"{Type}.{Name}",
        "data" => $"data.{Type}.{Name}",
        "variable" => $"var.{Name}",
        _ => $"{Kind}.{Name}",
    };
}
