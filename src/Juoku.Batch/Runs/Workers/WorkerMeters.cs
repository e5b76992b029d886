using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Juoku.Batch.Queues;

namespace Juoku.Batch.Runs.Workers;

/// <summary>
/// What workers measure. Names follow Prometheus: an exporter adds <c>_total</c> to counters and the unit to histograms. No label ever holds
/// a user, an ad or a key.
/// </summary>
public sealed class WorkerMeters : IDisposable
{
    /// <summary>Name of the meter, for exporters.</summary>
    public const string MeterName = "Juoku.Workers";

    /// <summary>Buckets of the durations, in seconds.</summary>
    public static IReadOnlyList<double> DurationBuckets { get; } = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, RunSample> _runs = new();
    private readonly ConcurrentDictionary<string, byte> _models = new();
    private readonly TimeProvider _time;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _rejectedRows;
    private readonly Counter<long> _done;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _bytesRead;
    private readonly Counter<long> _bytesWritten;
    private readonly Histogram<double> _partSeconds;
    private readonly Histogram<double> _stageSeconds;
    private int _inFlight;
    private QueueDepth? _depth;
    private double? _calibration;

    /// <summary>Makes the instruments.</summary>
    public WorkerMeters(TimeProvider time)
    {
        _time = time;
        _rows = _meter.CreateCounter<long>("juoku_rows_scored", description: "Rows predicted and committed.");
        _rejectedRows = _meter.CreateCounter<long>("juoku_rows_rejected", description: "Rows set aside as bad.");
        _done = _meter.CreateCounter<long>("juoku_parts_done", description: "Parts that this worker committed, by state.");
        _retries = _meter.CreateCounter<long>("juoku_part_retries", description: "Messages given back, by cause.");
        _bytesRead = _meter.CreateCounter<long>("juoku_input_bytes", description: "Bytes of input of committed parts.");
        _bytesWritten = _meter.CreateCounter<long>("juoku_output_bytes", description: "Bytes of output of committed parts.");
        _partSeconds = _meter.CreateHistogram<double>("juoku_part_duration", "s", "From the receipt of a message until its part is committed.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _stageSeconds = _meter.CreateHistogram<double>("juoku_part_stage_duration", "s", "The same by stage.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _meter.CreateObservableGauge("juoku_parts_in_flight", () => Volatile.Read(ref _inFlight), description: "Parts that this worker has in hand.");
        _meter.CreateObservableGauge("juoku_parts", Parts, description: "Parts of the runs that this worker knows, by state.");
        _meter.CreateObservableGauge("juoku_queue_messages", Messages, description: "Messages of the queue, by state.");
        _meter.CreateObservableGauge("juoku_run_deadline_seconds", () => Times(run => run.Deadline, Enumerable.Min), description: "When the next run of a set has to be done, in Unix time.");
        _meter.CreateObservableGauge("juoku_run_eta_seconds", () => Times(run => run.Eta, Enumerable.Max), description: "When the runs of a set will be done at their present pace, in Unix time.");
        _meter.CreateObservableGauge("juoku_model_info", () => _models.Keys.Select(digest => new Measurement<int>(1, Label("digest", digest))), description: "Models in use.");
        _meter.CreateObservableGauge("juoku_prediction_calibration_ratio", () => _calibration is { } ratio ? [new Measurement<double>(ratio)] : Array.Empty<Measurement<double>>(),
            description: "Mean prediction of the last part over the rate observed at the model's training.");
    }

    /// <summary>Parts in hand.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>A part was taken in hand; says how many there are now.</summary>
    internal int Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>A part was let go; says how many are left.</summary>
    internal int End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>A receipt was put.</summary>
    internal void Committed(RunPlan plan, RunPart part, PartReceipt receipt)
    {
        _done.Add(1, Label("state", StateName(receipt.State)));
        _partSeconds.Record(receipt.Seconds);
        if (receipt.Output is not { } output) return;
        _rows.Add(output.Rows);
        if (output.RejectedRows > 0) _rejectedRows.Add(output.RejectedRows);
        _bytesRead.Add(part.Input.Length);
        _bytesWritten.Add(output.Length);
        _models.TryAdd(plan.Model.Digest, 0);
        if (!plan.Settings.Raw && output.Scores.Mean is { } mean && plan.ModelMetrics.TryGetValue("observed_rate", out double rate) && rate > 0) _calibration = mean / rate;
    }

    /// <summary>A message was given back.</summary>
    internal void Retried(string cause) => _retries.Add(1, Label("cause", cause));

    /// <summary>A stage took so long.</summary>
    internal void Stage(string stage, TimeSpan elapsed) => _stageSeconds.Record(elapsed.TotalSeconds, Label("stage", stage));

    /// <summary>The queue was counted.</summary>
    internal void Counted(QueueDepth depth) => _depth = depth;

    /// <summary>A run was looked at.</summary>
    internal void Looked(RunPlan plan, int parts, int missing, TimeSpan? eta)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _runs[plan.Run] = new RunSample(plan.Set, parts - missing, missing, plan.Deadline, now + eta);
    }

    /// <summary>A run is over: its labels go, so that a worker that lives for months does not collect them.</summary>
    internal void Forget(string run) => _runs.TryRemove(run, out _);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static string StateName(PartState state) => state.ToString().ToLowerInvariant();

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private IEnumerable<Measurement<long>> Parts() =>
    [
        new Measurement<long>(_runs.Values.Sum(run => (long)run.Done), Label("state", "done")),
        new Measurement<long>(_runs.Values.Sum(run => (long)run.Open), Label("state", "open")),
        new Measurement<long>(InFlight, Label("state", "in_flight")),
    ];

    private IEnumerable<Measurement<long>> Messages() => _depth is not { } depth ? [] :
    [
        new Measurement<long>(depth.Visible, Label("state", "visible")),
        new Measurement<long>(depth.InFlight, Label("state", "in_flight")),
        new Measurement<long>(depth.Dead, Label("state", "dead")),
    ];

    private IEnumerable<Measurement<double>> Times(Func<RunSample, DateTimeOffset?> time, Func<IEnumerable<double>, double> which) =>
        from run in _runs.Values
        let known = time(run)
        where known is not null
        group known.Value.ToUnixTimeMilliseconds() / 1000.0 by run.Set into set
        select new Measurement<double>(which(set), Label("set", set.Key));

    private sealed record RunSample(string Set, int Done, int Open, DateTimeOffset? Deadline, DateTimeOffset? Eta);
}
