using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Juoku.App.Configuration;

/// <summary>A value that a layer of the configuration sets.</summary>
/// <param name="Key">Path of the setting, with colons.</param>
/// <param name="Value">Its value as text.</param>
/// <param name="Origin">Where it was set: file and line, variable, or flag.</param>
internal sealed record SetValue(string Key, string Value, string Origin);

/// <summary>Reads the settings of a YAML file, each with its line.</summary>
internal static class YamlFile
{
    public static IReadOnlyList<SetValue> Read(string path)
    {
        using var reader = new StreamReader(path);
        return Read(reader, path);
    }

    /// <summary>Reads settings from a text that is called <paramref name="path"/> in messages.</summary>
    public static IReadOnlyList<SetValue> Read(TextReader reader, string path)
    {
        var values = new List<SetValue>();
        var yaml = new YamlStream();
        try
        {
            yaml.Load(reader);
        }
        catch (YamlException e)
        {
            throw new SettingsException($"{path}:{e.Start.Line}", $"not YAML ({e.Message.ReplaceLineEndings(" ")})");
        }

        foreach (YamlDocument document in yaml.Documents) Add(document.RootNode, "");
        return values;

        void Add(YamlNode node, string prefix)
        {
            switch (node)
            {
                case YamlMappingNode map:
                    foreach ((YamlNode key, YamlNode value) in map.Children) Add(value, prefix.Length == 0 ? key.ToString() : $"{prefix}:{key}");
                    break;
                case YamlSequenceNode list:
                    for (int i = 0; i < list.Children.Count; i++) Add(list.Children[i], $"{prefix}:{i}");
                    break;
                case YamlScalarNode { Value: var text } when prefix.Length > 0:
                    // A key without a value, or ~: the default.
                    if (!string.IsNullOrEmpty(text) && text != "~") values.Add(new SetValue(prefix, text, $"{path}:{node.Start.Line}"));
                    break;
                case YamlScalarNode { Value: { Length: > 0 } text }:
                    throw new SettingsException($"{path}:{node.Start.Line}", $"'{text}' is not a setting; write 'key: value'");
            }
        }
    }
}
