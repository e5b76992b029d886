using System.Diagnostics.Metrics;
using Juoku.Batch.Queues;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;

namespace Juoku.Scaling.Tests.Observing;

public sealed class ScalingMetersTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Decided_ThenAFault_ShowsTheNumberAndNoStaleBacklog()
    {
        using var meters = new ScalingMeters();
        string target = $"test/{Guid.NewGuid():N}"; // meters of tests that run beside this one bear the same name
        var run = new RunSnapshot { Run = "a", Set = "click", Created = Noon, Deadline = Noon.AddHours(1), OpenParts = 10, OpenRows = 1_000_000 };
        var fleet = new FleetSnapshot { Now = Noon, Queue = new QueueDepth(7, 3, 2), Runs = [run], Pace = new(new(1000, 0.1, 100), 10, 1), QuietSince = Noon };
        var workers = new WorkerCounts(3, 0, 3);

        FleetDecision decision = FleetPolicy.Decide(fleet, workers, new(), ScalingState.Initial);
        meters.Decided(target, fleet, workers, decision);
        Dictionary<string, double> seen = Read(target);

        Assert.Equal(decision.Decision.Replicas, seen["juoku_replicas_wanted"]);
        Assert.Equal(3, seen["juoku_replicas_ready"]);
        Assert.Equal(1_000_000, seen["juoku_backlog_rows"]);
        Assert.Equal(10, seen["juoku_backlog_parts"]);
        Assert.Equal((7, 3, 2), (seen["juoku_queue_messages visible"], seen["juoku_queue_messages in_flight"], seen["juoku_queue_messages dead"]));
        Assert.Equal(Noon.AddHours(1).ToUnixTimeSeconds(), seen["juoku_run_deadline_seconds click"]);
        Assert.Equal(decision.Runs[0].Eta!.Value.ToUnixTimeMilliseconds() / 1000.0, seen["juoku_run_eta_seconds click"]);
        Assert.Equal(1000, seen["juoku_worker_rows_per_second"]);
        Assert.Equal(0, seen["juoku_deadline_at_risk"]);

        FleetSnapshot blind = new() { Now = Noon, Fault = "gone" };
        meters.Decided(target, blind, workers, FleetPolicy.Decide(blind, workers, new(), decision.Decision.State));
        Assert.Equal(["juoku_replicas_ready", "juoku_replicas_wanted"], Read(target).Keys.Order());
        meters.Forget(target);
        Assert.Empty(Read(target));
    }

    private static Dictionary<string, double> Read(string target)
    {
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, it) =>
            {
                if (instrument.Meter.Name == ScalingMeters.MeterName && instrument.IsObservable) it.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Dictionary<string, object?> labels = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            if (!target.Equals(labels.GetValueOrDefault("target"))) return;
            seen[string.Join(' ', new[] { instrument.Name, labels.GetValueOrDefault("state") ?? labels.GetValueOrDefault("set") }.Where(part => part is not null))] = value;
        }
    }
}
