using System.CommandLine;
using System.Globalization;

namespace Juoku.App.Commands;

/// <summary>An option whose value is a day of UTC: 2026-11-23, or for schedules, which know no dates, today, yesterday or today-28d.</summary>
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
            if (TryParse(text, TimeProvider.System, out DateOnly day)) return day;
            result.AddError($"{name} {text}: a day is written like 2026-11-23, today, yesterday or today-28d.");
            return null;
        },
    };

    /// <summary>Reads a day; false when the text is none.</summary>
    public static bool TryParse(string text, TimeProvider time, out DateOnly day)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day)) return true;
        DateOnly today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        string[] words = text.Split('-');
        int back = 0;
        bool isAge = words.Length == 1 || (words is [_, [.. var digits, 'd']] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out back) && back < today.DayNumber);
        int? named = words[0] switch { "today" => 0, "yesterday" => 1, _ => null };
        if (!isAge || named is null) return false;
        day = today.AddDays(-named.Value - back);
        return true;
    }
}
