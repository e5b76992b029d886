using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Juoku.App.Configuration;

namespace Juoku.App.Commands;

/// <summary><c>juoku config show</c>: the settings in force and where each comes from.</summary>
internal sealed class ConfigCommand : Command, IHasExample
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<bool> _json = new("--json") { Description = "Print them as JSON." };

    private ConfigCommand()
        : base("show", "Print every setting, its value, and where that was set: a file's line, an environment variable, or nowhere.")
    {
        Options.Add(_json);
        Options.Add(SettingOption.Store());
        Options.Add(SettingOption.Queue());
        SetAction(Show);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku config show
        JUOKU_ENV=prod JUOKU__QUEUE=sqs://parts juoku config show
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("config", "Settings: juoku.yaml, juoku.<env>.yaml, JUOKU__SECTION__KEY, flags.") { new ConfigCommand() };

    private int Show(ParseResult arguments)
    {
        EffectiveSettings settings = EffectiveSettings.Load(arguments);
        (string Key, string Value, string Origin)[] rows =
        [
            .. SettingKeys.All.Values.Select(key => settings.Origins.TryGetValue(key.Key, out SetValue? set)
                ? (key.Dotted, key.Type == typeof(TimeSpan) ? SettingKeys.Text(TimeSpan.Parse(set.Value)) : set.Value, set.Origin)
                : (key.Dotted, SettingKeys.Text(key.Default), "default")),
        ];
        if (arguments.GetValue(_json))
        {
            using (var json = new Utf8JsonWriter(Console.OpenStandardOutput(), Readable))
            {
                json.WriteStartArray();
                foreach ((string key, string value, string origin) in rows)
                {
                    json.WriteStartObject();
                    json.WriteString("key", key);
                    json.WriteString("value", value);
                    json.WriteString("origin", origin);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            Console.Out.WriteLine();
            return ExitCode.Done;
        }

        int keys = rows.Max(row => row.Key.Length), values = rows.Max(row => row.Value.Length);
        foreach ((string key, string value, string origin) in rows) Console.Out.WriteLine($"{key.PadRight(keys)}  {value.PadRight(values)}  {origin}");
        return ExitCode.Done;
    }
}
