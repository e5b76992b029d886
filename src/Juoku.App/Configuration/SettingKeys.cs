using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Juoku.App.Configuration;

/// <summary>A setting that exists.</summary>
/// <param name="Key">Its path, such as <c>worker:threads</c>.</param>
/// <param name="Type">What its value must be.</param>
/// <param name="Default">Its value where nothing sets it.</param>
internal sealed record SettingKey(string Key, Type Type, object? Default)
{
    /// <summary>The path as YAML readers write it: <c>worker.threads</c>.</summary>
    public string Dotted => Key.Replace(':', '.');

    /// <summary>The environment variable that sets it.</summary>
    public string Variable => SettingKeys.VariablePrefix + Key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();
}

/// <summary>The settings that exist, read off the properties of <see cref="Settings"/>.</summary>
internal static class SettingKeys
{
    public const string VariablePrefix = "JUOKU__";

    /// <summary>All of them, by key; upper and lower case are the same, as in every configuration of .NET.</summary>
    public static ImmutableSortedDictionary<string, SettingKey> All { get; } =
        Of(new Settings(), "").ToImmutableSortedDictionary(key => key.Key, key => key, StringComparer.OrdinalIgnoreCase);

    /// <summary>A value as a file would say it.</summary>
    public static string Text(object? value) => value switch
    {
        null => "",
        TimeSpan duration => Duration.Format(duration),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static IEnumerable<SettingKey> Of(object section, string prefix)
    {
        foreach (PropertyInfo property in section.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            string key = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            object? value = property.GetValue(section);
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (value is null || type.IsValueType || type == typeof(string)) yield return new SettingKey(key, type, value);
            else
                foreach (SettingKey inner in Of(value, key + ":")) yield return inner;
        }
    }
}
