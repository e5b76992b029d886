using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Juoku.Batch.Runs.Workers;
using Juoku.Scaling.Observing;

namespace Juoku.Deploy.Tests.Monitoring;

/// <summary>The metrics that Juoku's programs really have, as Prometheus names them.</summary>
internal static partial class PrometheusNames
{
    /// <summary>Every name of a series.</summary>
    public static IReadOnlySet<string> All { get; } = Listen();

    /// <summary>The metrics of Juoku in an expression.</summary>
    public static IEnumerable<string> In(string expression) => Metric().Matches(expression).Select(match => match.Value).Distinct();

    private static HashSet<string> Listen()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("Juoku.", StringComparison.Ordinal)) names.UnionWith(NamesOf(instrument));
        };
        listener.Start();

        // Each class of meters makes its instruments when it is made.
        using var workers = new WorkerMeters(TimeProvider.System);
        using var scaling = new ScalingMeters();
        return names;
    }

    /// <summary>As OpenTelemetry's exporter names them: the unit at the end, then what the type adds.</summary>
    private static IEnumerable<string> NamesOf(Instrument instrument)
    {
        string unit = instrument.Unit == "s" ? "_seconds" : "";
        string name = instrument.Name.EndsWith(unit, StringComparison.Ordinal) ? instrument.Name : instrument.Name + unit;
        string type = instrument.GetType().Name;
        return type.StartsWith("Histogram", StringComparison.Ordinal) ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"]
            : type.Contains("Counter", StringComparison.Ordinal) && !type.Contains("UpDown", StringComparison.Ordinal) ? [$"{name}_total"]
            : [name];
    }

    [GeneratedRegex(@"(?<![\w:])juoku_\w+")]
    private static partial Regex Metric();
}
