using System.Globalization;

namespace Juoku.Scaling.Simulation;

/// <summary>
/// What arrived when, as a CSV file: a heading <c>time,parts,rows</c>, then a line for parts that arrive together. Time is in seconds from the
/// start or a date and time (the first one is the start); rows are those of each part.
/// </summary>
public static class ArrivalTrace
{
    private const string Heading = "time,parts,rows";

    /// <summary>Reads a trace.</summary>
    /// <param name="lines">The file's lines.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="ScalingException">A line is not an arrival; the message names it.</exception>
    public static IReadOnlyList<Arrival> Parse(IEnumerable<string> lines, string name)
    {
        var arrivals = new List<Arrival>();
        DateTimeOffset? start = null;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (number == 1)
            {
                if (line.Trim() != Heading) throw new ScalingException($"{name}: the first line has to be '{Heading}'");
                continue;
            }

            if (string.IsNullOrWhiteSpace(line)) continue;
            string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != 3 || !TryTime(fields[0], ref start, out double seconds) || !double.IsFinite(seconds) || seconds < 0
                || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parts) || parts < 1
                || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long rows) || rows < 1)
                throw new ScalingException($"{name}:{number}: '{line}' is not a time, a number of parts and their rows each, as in '0,100,1000000'");
            arrivals.Add(new(seconds, parts, rows));
        }

        if (arrivals.Count == 0) throw new ScalingException($"{name}: no arrivals");
        return [.. arrivals.OrderBy(arrival => arrival.Seconds)];
    }

    private static bool TryTime(string text, ref DateTimeOffset? start, out double seconds)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds)) return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)) return false;
        start ??= time;
        seconds = (time - start.Value).TotalSeconds;
        return true;
    }
}
