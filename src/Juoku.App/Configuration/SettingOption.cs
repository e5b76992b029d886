using System.CommandLine;
using System.CommandLine.Parsing;

namespace Juoku.App.Configuration;

/// <summary>An option of a command that, where it is given, overrides a setting.</summary>
internal interface ISettingOption
{
    /// <summary>The setting it overrides, such as <c>worker:threads</c>.</summary>
    string Key { get; }
}

/// <summary>An option that overrides a setting. Read its value off <see cref="Settings"/>, which knows the other layers too.</summary>
internal sealed class SettingOption(string name, string key) : Option<string?>(name), ISettingOption
{
    /// <inheritdoc/>
    public string Key => key;

    /// <summary><c>--store</c>.</summary>
    public static SettingOption Store() => new("--store", "store") { Description = "Store of logs, features, models and runs. [default: the setting 'store']", HelpName = "url" };

    /// <summary><c>--queue</c>.</summary>
    public static SettingOption Queue() => new("--queue", "queue") { Description = "Queue of the parts of runs. [default: the setting 'queue']", HelpName = "url" };

    /// <summary>What the flags of a command line set.</summary>
    public static IEnumerable<SetValue> Given(CommandResult command) =>
        from option in command.Command.Options
        where option is ISettingOption
        let result = command.GetResult(option)
        where result is { Implicit: false, Tokens.Count: > 0 }
        select new SetValue(((ISettingOption)option).Key, result.Tokens[^1].Value, option.Name);
}
