using System.Collections.Concurrent;
using Juoku.Batch.Runs;
using Juoku.Scaling.Control;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Leadership;
using Juoku.Scaling.Tests.Kubernetes;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Scaling.Tests.Observing;

namespace Juoku.Scaling.Tests.Control;

/// <summary>A controller that runs until it is told to stop.</summary>
internal sealed class RunningController : IAsyncDisposable, IProgress<ScalingStep>
{
    private static readonly ScalingSettings Settings = new() { Max = 20, Interval = TimeSpan.FromMilliseconds(50), Linger = TimeSpan.Zero };

    private readonly CancellationTokenSource _stop = new();
    private readonly ClusterConnection _cluster;
    private readonly Task _running;
    private readonly ConcurrentQueue<ScalingStep> _steps = new();

    public RunningController(TestCluster cluster, FleetBed runs, string name, ClusterConnection? connection = null, string deployment = "workers", string lease = "juoku")
    {
        TimeProvider time = TimeProvider.System;
        _cluster = connection ?? cluster.Connect(name);
        var election = new LeaderElection(_cluster, FencingContract.Quick with { Lease = lease, Identity = name }, time, Log);
        var events = new ClusterEvents(_cluster, deployment, name, time, Log);
        var scaling = new WorkerScaling(new(_cluster, deployment), runs.NewReader().ReadAsync, Settings, events, time, Log, this);
        var standing = new StandingRuns(runs.Store, runs.Pool, runs.Queue, (_, _) => throw new InvalidOperationException("there are none"), time);
        _running = new Controller(election, scaling, new RunKeeping(runs.Store, runs.Pool, standing, time, Log), events, time, Log).RunAsync(_stop.Token);
    }

    public CollectedLog Log { get; } = new();

    public IReadOnlyCollection<ScalingStep> Steps => _steps;

    public void Report(ScalingStep value) => _steps.Enqueue(value);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _cluster.Dispose();
    }
}
