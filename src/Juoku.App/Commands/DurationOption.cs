using System.CommandLine;
using Juoku.App.Configuration;

namespace Juoku.App.Commands;

/// <summary>An option whose value is a duration, as settings write them: 30s, 15m, 1h30m.</summary>
internal static class DurationOption
{
    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is.</param>
    /// <param name="most">The longest that makes sense; null where any does.</param>
    /// <param name="mayBeZero">Whether no time at all makes sense.</param>
    public static Option<TimeSpan?> Of(string name, string description, TimeSpan? most = null, bool mayBeZero = true) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            string text = result.Tokens is [var token] ? token.Value : "";
            if (Duration.TryParse(text, out TimeSpan duration) && !(duration > most) && (mayBeZero || duration > TimeSpan.Zero)) return duration;
            result.AddError($"{name} {text}: {Duration.Forms}{(mayBeZero ? "" : ", above 0")}{(most is { } longest ? $", up to {Duration.Format(longest)}" : "")}.");
            return null;
        },
    };
}
