using System.Text.Json;

namespace Juoku.Deploy.Tests.Terraform;

/// <summary>
/// What a provider's resources take and give, for those types that a module uses: arguments and blocks (those that must be there end in
/// an exclamation mark) and attributes. Providers themselves are too large for tests to fetch.
/// </summary>
internal sealed class ProviderSchema
{
    // Terraform's own, which every resource takes.
    private static readonly HashSet<string> Meta = ["count", "for_each", "depends_on", "lifecycle", "provider"];

    private readonly JsonElement _types;

    private ProviderSchema(JsonElement types) => _types = types;

    /// <summary>The schema that lies beside these tests.</summary>
    public static ProviderSchema Of(string module) =>
        new(JsonDocument.Parse(File.ReadAllText(DeployFolder.PathOf($"../tests/Juoku.Deploy.Tests/Terraform/{module}.schema.json"))).RootElement);

    /// <summary>What is wrong with a resource or data source: unknown or missing arguments.</summary>
    public IEnumerable<string> Faults(TerraformBlock block) => _types.TryGetProperty(TypeOf(block), out JsonElement type)
        ? Faults(block.Address, block.Body, type)
        : [$"{block.Address}: the schema does not have the type"];

    /// <summary>Whether something has an attribute, argument or block of that name.</summary>
    public bool Has(TerraformBlock block, string name) => _types.TryGetProperty(TypeOf(block), out JsonElement type)
        && (type.GetProperty("attributes").EnumerateArray().Any(attribute => attribute.GetString() == name) || Names(type).ContainsKey(name));

    private static string TypeOf(TerraformBlock block) => block.Kind == "data" ? $"data.{block.Type}" : block.Type;

    private static IEnumerable<string> Faults(string where, JsonElement body, JsonElement type)
    {
        Dictionary<string, (bool IsRequired, JsonElement? Block)> names = Names(type);
        var given = new HashSet<string>();
        foreach ((string name, JsonElement value) in Given(body))
        {
            given.Add(name);
            if (Meta.Contains(name)) continue;
            if (!names.TryGetValue(name, out (bool IsRequired, JsonElement? Block) known)) yield return $"{where}: there is no '{name}'";
            else if (known.Block is { } inner && value.ValueKind == JsonValueKind.Object)
                foreach (string fault in Faults($"{where}.{name}", value, inner)) yield return fault;
        }

        foreach ((string name, (bool isRequired, _)) in names)
            if (isRequired && !given.Contains(name)) yield return $"{where}: '{name}' is missing";
    }

    /// <summary>Arguments and blocks; a block comes once for each time that it stands there, or once as the content of a dynamic one.</summary>
    private static IEnumerable<(string Name, JsonElement Value)> Given(JsonElement body)
    {
        foreach (JsonProperty property in body.EnumerateObject())
        {
            bool isBlocks = property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object);
            if (property.Name == "dynamic")
                foreach (JsonProperty block in property.Value.EnumerateObject())
                    foreach (JsonElement one in block.Value.EnumerateArray())
                        yield return (block.Name, one.GetProperty("content")[0]);
            else if (isBlocks)
                foreach (JsonElement block in property.Value.EnumerateArray()) yield return (property.Name, block);
            else yield return (property.Name, property.Value);
        }
    }

    private static Dictionary<string, (bool IsRequired, JsonElement? Block)> Names(JsonElement type)
    {
        var names = new Dictionary<string, (bool, JsonElement?)>();
        foreach (JsonElement argument in type.GetProperty("arguments").EnumerateArray()) Add(argument.GetString()!, null);
        if (type.TryGetProperty("blocks", out JsonElement blocks))
            foreach (JsonProperty block in blocks.EnumerateObject()) Add(block.Name, block.Value);
        return names;

        void Add(string name, JsonElement? block) => names[name.TrimEnd('!')] = (name.EndsWith('!'), block);
    }
}
