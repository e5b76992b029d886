using System.Globalization;
using System.Text.Json;
using Juoku.Batch.Runs;

namespace Juoku.App.Commands.Runs;

/// <summary>Prints how runs stand.</summary>
internal static class RunReport
{
    /// <summary>For people: one fact a line.</summary>
    public static void WriteText(RunStatus status, TextWriter output)
    {
        void Line(string name, FormattableString value) => output.WriteLine($"{name,-12}{value.ToString(CultureInfo.InvariantCulture)}");

        Line("run", $"{status.Run}");
        Line("state", $"{Name(status.State)}{(status.IsCurrent ? ", current" : "")}");
        Line("model", $"{status.Model}");
        Line("parts", $"{status.Finished} of {status.Parts} finished, {status.Rejected} rejected, {status.Dead} dead");
        Line("rows", $"{status.Rows:N0}, {status.RejectedRows:N0} set aside");
        Line("rows/s", $"{status.RowsPerSecond:N0}");
        if (status.Open > 0) Line("workers", $"{status.Workers} in the last minute");
        if (status.Done is { } done) Line("done", $"{done:u}{(status.Open > 0 ? " at this pace" : "")}");
        if (status.Deadline is { } deadline) Line("deadline", $"{deadline:u}{(status.Done is not { } end ? "" : end > deadline ? $", missed by {Span(end - deadline)}" : $", {Span(deadline - end)} to spare")}");
        Line("output", $"{status.Output}");
        foreach (string reason in status.Reasons) Line("not passed", $"{reason}");
        foreach (ManifestFault fault in status.Faults.Take(10)) Line(Name(fault.State), $"part {fault.Part}: {fault.Reason}");
        if (status.Faults.Length > 10) Line("", $"… and {status.Rejected + status.Dead - 10} more (--json)");
    }

    /// <summary>For machines.</summary>
    public static void WriteJson(RunStatus status) => WriteLine(JsonSerializer.SerializeToUtf8Bytes(status, RunJson.Default.RunStatus));

    /// <summary>For machines: several.</summary>
    public static void WriteJson(IEnumerable<RunStatus> all) => WriteLine(JsonSerializer.SerializeToUtf8Bytes(all.ToArray(), RunJson.Default.RunStatusArray));

    /// <summary>A state in lower case.</summary>
    public static string Name<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    private static string Span(TimeSpan span) => span.ToString(span.TotalDays >= 1 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);

    private static void WriteLine(byte[] json)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write([.. json, (byte)'\n']);
    }
}
