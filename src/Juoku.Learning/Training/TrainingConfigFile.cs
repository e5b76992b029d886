using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch.Predicting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Juoku.Learning.Training;

/// <summary>Reads a <see cref="TrainingConfig"/> from YAML. Keys are the properties' names in snake case; one that there is not is an error.</summary>
public static class TrainingConfigFile
{
    private static readonly ImmutableArray<string> Keys =
        ["parameters", "rounds", "early_stopping", "valid_days", "weights", "calibration", "categories", "exclude"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="UsageException">It is not a training configuration; says in which line.</exception>
    public static TrainingConfig Read(string path) =>
        File.Exists(path) ? Parse(File.ReadAllText(path), path) : throw new NotFoundException($"{path}: no such file; leave --config out to train with the defaults");

    /// <summary>Reads a text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="UsageException">It is not a training configuration; says in which line.</exception>
    public static TrainingConfig Parse(string text, string name)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new UsageException($"{name}:{e.Start.Line}: not YAML ({e.Message.ReplaceLineEndings(" ")})");
        }

        var config = new TrainingConfig();
        if (yaml.Documents.Count == 0) return config;
        foreach ((string key, YamlNode value) in Entries(yaml.Documents[0].RootNode, name, "the file"))
        {
            config = key switch
            {
                "parameters" => config with { Parameters = Parameters(value, name) },
                "rounds" => config with { Rounds = Whole(key, value, name) },
                "early_stopping" => config with { EarlyStopping = Whole(key, value, name) },
                "valid_days" => config with { ValidDays = Whole(key, value, name) },
                "weights" => config with { Weights = Truth(key, value, name) },
                "calibration" => config with { Calibration = Choice(key, value, name) },
                "categories" => config with { Categories = Categories(value, name) },
                "exclude" => config with { Exclude = Names(key, value, name) },
                _ => throw Unknown(key, value, name, Keys),
            };
        }

        return config;
    }

    private static CategoryConfig Categories(YamlNode node, string name)
    {
        var config = new CategoryConfig();
        foreach ((string key, YamlNode value) in Entries(node, name, "categories"))
        {
            config = key switch
            {
                "minimum_count" => config with { MinimumCount = Whole(key, value, name) },
                "most" => config with { Most = Whole(key, value, name) },
                _ => throw Unknown(key, value, name, ["minimum_count", "most"]),
            };
        }

        return config;
    }

    /// <summary>Lists become what LightGBM reads as lists: <c>[a, b]</c> → <c>a,b</c>.</summary>
    private static ImmutableSortedDictionary<string, string> Parameters(YamlNode node, string name)
    {
        var parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string key, YamlNode value) in Entries(node, name, "parameters"))
        {
            string text = value is YamlSequenceNode list ? string.Join(',', list.Select(item => Text(key, item, name))) : Text(key, value, name);
            if (text.Length == 0 || text.Any(c => char.IsWhiteSpace(c) || c == '=')) throw Wrong(key, value, name, "a value without spaces");
            parameters[key] = text;
        }

        return parameters.ToImmutable();
    }

    private static IEnumerable<(string Key, YamlNode Value)> Entries(YamlNode node, string name, string what)
    {
        if (node is YamlScalarNode { Value: null or "" or "~" }) yield break;
        if (node is not YamlMappingNode map) throw new UsageException($"{name}:{node.Start.Line}: {what} must hold 'key: value' lines");
        foreach ((YamlNode key, YamlNode value) in map.Children) yield return (key.ToString(), value);
    }

    private static ImmutableArray<string> Names(string key, YamlNode node, string name) => node is YamlSequenceNode list
        ? [.. list.Select(item => Text(key, item, name))]
        : throw Wrong(key, node, name, "a list such as [a, b]");

    private static int Whole(string key, YamlNode node, string name) =>
        int.TryParse(Text(key, node, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && value >= 0 ? value : throw Wrong(key, node, name, "a whole number");

    private static bool Truth(string key, YamlNode node, string name) =>
        bool.TryParse(Text(key, node, name), out bool value) ? value : throw Wrong(key, node, name, "true or false");

    private static CalibrationChoice Choice(string key, YamlNode node, string name) =>
        Enum.TryParse(Text(key, node, name), ignoreCase: true, out CalibrationChoice value) && Enum.IsDefined(value)
            ? value
            : throw Wrong(key, node, name, "auto, none, isotonic or platt");

    private static string Text(string key, YamlNode node, string name) => node is YamlScalarNode { Value: { } value } ? value : throw Wrong(key, node, name, "a plain value");

    private static UsageException Wrong(string key, YamlNode node, string name, string expected) =>
        new($"{name}:{node.Start.Line}: {key} must be {expected}");

    private static UsageException Unknown(string key, YamlNode node, string name, ImmutableArray<string> keys)
    {
        string hint = ParameterNamesHint(key) ?? $"there are {string.Join(", ", keys)}";
        return new UsageException($"{name}:{node.Start.Line}: no key '{key}'; {hint}");
    }

    private static string? ParameterNamesHint(string key) =>
        LightGbm.ParameterNames.MainNameOf(key) is null ? null : "a parameter of LightGBM's goes under 'parameters:'";
}
