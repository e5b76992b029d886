using System.Text.Json;
using System.Text.RegularExpressions;

namespace Juoku.Deploy.Tests.Terraform;

/// <summary>What expressions refer to.</summary>
internal static partial class References
{
    /// <summary>Every <c>var.x</c>, <c>local.x</c>, <c>type.name</c> and <c>data.type.name</c> below an element, with the attribute that follows, if one does.</summary>
    public static IEnumerable<(string Address, string? Attribute)> In(JsonElement element) =>
        Texts(element).SelectMany(text => Reference().Matches(text)).Select(match =>
            (match.Groups["address"].Value, match.Groups["attribute"] is { Success: true, Value: var attribute } ? attribute : null));

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value).Prepend(property.Name)),
        _ => [],
    };

    // An index or a splat may stand between the name and the attribute.
    [GeneratedRegex(@"(?<![\w.""'/:-])(?<address>(?:var|local)\.\w+|(?:data\.)?(?:aws|azurerm)_\w+\.\w+)(?:\[[^\]]*\])?(?:\.(?<attribute>\w+))?")]
    private static partial Regex Reference();
}
