using System.CommandLine;
using System.Globalization;

namespace Juoku.App.Commands;

/// <summary>An option whose value is a day, written 2026-11-23.</summary>
internal static class DayOption
{
    /// <summary>Makes one.</summary>
    public static Option<DateOnly?> Of(string name, string description, bool isRequired) => new(name)
    {
        Description = description,
        HelpName = "day",
        Required = isRequired,
        CustomParser = result =>
        {
            string text = result.Tokens is [var token] ? token.Value : "";
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)) return day;
            result.AddError($"{name} {text}: a day is written like 2026-11-23.");
            return null;
        },
    };
}
