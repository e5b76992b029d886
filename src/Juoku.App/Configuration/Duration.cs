using System.Globalization;

namespace Juoku.App.Configuration;

/// <summary>Durations as people write them: <c>500ms</c>, <c>30s</c>, <c>15m</c>, <c>1h</c>, <c>2d</c>, also <c>1h30m</c>.</summary>
public static class Duration
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>How to write one, for messages.</summary>
    public const string Forms = "write it as 500ms, 30s, 15m, 1h30m or 2d";

    /// <summary>Reads a duration; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return false;
            rest = rest[digits..];
            int letters = rest.IndexOfAnyExceptInRange('a', 'z') is var end && end < 0 ? rest.Length : end;
            ReadOnlySpan<char> unit = rest[..letters];
            TimeSpan? length = null;
            foreach ((string name, TimeSpan one) in Units)
                if (unit.SequenceEqual(name)) length = one;
            if (length is null || number * length.Value.TotalDays > 36_500) return false;
            duration += length.Value * number;
            rest = rest[letters..];
        }

        return true;
    }

    /// <summary>Writes a duration so that <see cref="TryParse"/> reads it back, to the millisecond.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        var text = new System.Text.StringBuilder();
        long rest = (long)duration.TotalMilliseconds;
        foreach ((string unit, TimeSpan length) in Units.Reverse())
        {
            long count = rest / (long)length.TotalMilliseconds;
            rest -= count * (long)length.TotalMilliseconds;
            if (count > 0) text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
        }

        return text.ToString();
    }
}
