using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Juoku.App.Observing;

/// <summary>
/// Listens to the instruments of a meter and writes what they say in Prometheus' text format. Counters get <c>_total</c>, histograms their
/// unit. Written here rather than taken from OpenTelemetry's exporter, which brings ASP.NET Core into a worker that is small without it; the
/// instruments are .NET's own, so that any OpenTelemetry exporter can be put beside it.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <summary>Listens to a meter.</summary>
    /// <param name="meter">Its name.</param>
    public PrometheusText(string meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What there is to tell now.</summary>
    public string Write()
    {
        lock (_lock)
        {
            foreach (Family family in _families.Values.Where(family => family.IsObserved)) family.Series.Clear();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach ((string name, Family family) in _families)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Help}\n# TYPE {name} {family.Type}\n");
                foreach ((string labels, Series series) in family.Series) Write(text, name, labels, family, series);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Write(StringBuilder text, string name, string labels, Family family, Series series)
    {
        if (family.Bounds is not { } bounds)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{Braces(labels)} {series.Sum}\n");
            return;
        }

        long count = 0;
        for (int i = 0; i <= bounds.Count; i++)
        {
            count += series.Counts[i];
            string bound = i < bounds.Count ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{Braces(labels.Length > 0 ? $"{labels},le=\"{bound}\"" : $"le=\"{bound}\"")} {count}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Braces(labels)} {series.Sum}\n{name}_count{Braces(labels)} {count}\n");
    }

    private static string Braces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach ((string name, object? tag) in tags)
            labels.Append(CultureInfo.InvariantCulture, $"{(labels.Length > 0 ? "," : "")}{name}=\"{tag?.ToString()?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");
        lock (_lock)
        {
            Family family = FamilyOf(instrument);
            if (!family.Series.TryGetValue(labels.ToString(), out Series? series)) family.Series[labels.ToString()] = series = new Series(family.Bounds?.Count ?? 0);
            series.Sum = family.IsObserved ? value : series.Sum + value;
            if (family.Bounds is not { } bounds) return;
            int bucket = 0;
            while (bucket < bounds.Count && value > bounds[bucket]) bucket++;
            series.Counts[bucket]++;
        }
    }

    private Family FamilyOf(Instrument instrument)
    {
        bool isHistogram = instrument is Histogram<double>;
        bool isCounter = instrument is Counter<long>;
        string name = isCounter ? instrument.Name + "_total" : instrument.Unit == "s" ? instrument.Name + "_seconds" : instrument.Name;
        if (_families.TryGetValue(name, out Family? family)) return family;
        IReadOnlyList<double>? bounds = isHistogram ? ((Histogram<double>)instrument).Advice?.HistogramBucketBoundaries ?? [1, 10, 100] : null;
        return _families[name] = new Family(isHistogram ? "histogram" : isCounter ? "counter" : "gauge", instrument.Description ?? "", bounds, instrument.IsObservable);
    }

    private sealed record Family(string Type, string Help, IReadOnlyList<double>? Bounds, bool IsObserved)
    {
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Series(int bounds)
    {
        public double Sum { get; set; }

        public long[] Counts { get; } = new long[bounds + 1];
    }
}
