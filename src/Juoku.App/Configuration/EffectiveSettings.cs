using System.Collections;
using System.Collections.Immutable;
using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace Juoku.App.Configuration;

/// <summary>
/// The settings in force. Layers, each over the one before: defaults, <c>juoku.yaml</c>, <c>juoku.‹env›.yaml</c>, environment variables
/// <c>JUOKU__SECTION__KEY</c>, flags. A key that no setting has is an error wherever it stands.
/// </summary>
/// <param name="Values">What they are.</param>
/// <param name="Origins">Where each value comes from, by key; those not named are defaults.</param>
internal sealed record EffectiveSettings(Settings Values, ImmutableSortedDictionary<string, SetValue> Origins)
{
    /// <summary>Names the file to read instead of <c>juoku.yaml</c> in the current folder.</summary>
    public const string FileVariable = "JUOKU_CONFIG";

    /// <summary>Names the environment: <c>dev</c>, <c>stg</c>, <c>prod</c>.</summary>
    public const string EnvironmentVariable = "JUOKU_ENV";

    private const string DefaultFile = "juoku.yaml";

    /// <summary>The settings for a command line in this process's environment.</summary>
    /// <exception cref="SettingsException">A layer cannot be used.</exception>
    public static EffectiveSettings Load(ParseResult arguments) =>
        Load(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? ""), SettingOption.Given(arguments.CommandResult));

    /// <summary>The settings for an environment and flags.</summary>
    public static EffectiveSettings Load(IReadOnlyDictionary<string, string> environment, IEnumerable<SetValue> flags)
    {
        string? named = environment.GetValueOrDefault(FileVariable);
        string file = string.IsNullOrEmpty(named) ? DefaultFile : named;
        if (!string.IsNullOrEmpty(named) && !File.Exists(named)) throw new SettingsException(FileVariable, $"there is no file {named}");

        var layers = new List<SetValue>();
        if (File.Exists(file)) layers.AddRange(YamlFile.Read(file));
        if (environment.GetValueOrDefault(EnvironmentVariable) is { Length: > 0 } name)
        {
            string beside = Path.ChangeExtension(file, $".{name}.yaml");
            if (!File.Exists(beside)) throw new SettingsException(EnvironmentVariable, $"there is no file {beside} for the environment '{name}'");
            layers.AddRange(YamlFile.Read(beside));
        }

        layers.AddRange(
            from variable in environment
            where variable.Key.StartsWith(SettingKeys.VariablePrefix, StringComparison.OrdinalIgnoreCase)
            orderby variable.Key
            select new SetValue(variable.Key[SettingKeys.VariablePrefix.Length..].Replace("__", ":", StringComparison.Ordinal), variable.Value, variable.Key));
        layers.AddRange(flags);

        return new EffectiveSettings(new Settings(), ImmutableSortedDictionary.Create<string, SetValue>(StringComparer.OrdinalIgnoreCase)).With(layers);
    }

    /// <summary>These settings with one more layer over them.</summary>
    /// <exception cref="SettingsException">The layer cannot be used.</exception>
    public EffectiveSettings With(IEnumerable<SetValue> layer)
    {
        ImmutableSortedDictionary<string, SetValue>.Builder origins = Origins.ToBuilder();
        foreach (SetValue value in layer) origins[value.Key] = Checked(value);
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(origins.Select(origin => KeyValuePair.Create(origin.Key, (string?)origin.Value.Value)))
            .Build();
        return new EffectiveSettings(configuration.Get<Settings>() ?? new Settings(), origins.ToImmutable());
    }

    /// <summary>The value, in the form that the binder reads; refuses unknown keys and values of another type.</summary>
    private static SetValue Checked(SetValue value)
    {
        if (!SettingKeys.All.TryGetValue(value.Key, out SettingKey? key))
        {
            IReadOnlyList<string> close = Batch.Predicting.CloseNames.Of(value.Key.Replace(':', '.'), SettingKeys.All.Values.Select(known => known.Dotted));
            throw new SettingsException(value.Origin, $"there is no setting '{value.Key.Replace(':', '.')}'; {(close.Count > 0 ? $"close: {string.Join(", ", close)}" : "'juoku config show' lists them")}");
        }

        if (key.Type == typeof(TimeSpan))
        {
            if (!Duration.TryParse(value.Value, out TimeSpan duration)) throw Wrong($"a duration; {Duration.Forms}");
            return value with { Value = duration.ToString() };
        }

        bool fits = key.Type switch
        {
            var type when type == typeof(int) => int.TryParse(value.Value, out _),
            var type when type == typeof(long) => long.TryParse(value.Value, out _),
            var type when type == typeof(double) => double.TryParse(value.Value, System.Globalization.CultureInfo.InvariantCulture, out _),
            var type when type == typeof(bool) => bool.TryParse(value.Value, out _),
            { IsEnum: true } type => Enum.TryParse(type, value.Value, ignoreCase: true, out _),
            _ => true,
        };
        return fits ? value : throw Wrong(key.Type == typeof(bool) ? "true or false" : key.Type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(key.Type)).ToLowerInvariant()}" : "a number");

        SettingsException Wrong(string wanted) => new(value.Origin, $"'{key.Dotted}' is '{value.Value}', but must be {wanted}");
    }
}
