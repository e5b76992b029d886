using System.Collections.Immutable;
using Juoku.Batch.Runs;
using Juoku.Scaling.Control;
using Juoku.Scaling.Tests.Kubernetes;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Scaling.Tests.Observing;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Control;

/// <summary>What a controller does to a Deployment, on any API server; the queue and the runs are real ones in a folder.</summary>
public abstract class ControllerContract : IAsyncLifetime
{
    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected TestCluster Cluster { get; private set; } = null!;

    private protected FleetBed Runs { get; } = new();

    private protected abstract Task<TestCluster> StartAsync();

    public async ValueTask InitializeAsync()
    {
        Cluster = await StartAsync();
        await Cluster.CreateDeploymentAsync("workers");
    }

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
        await Runs.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Run_PartsWait_ScalesFromZeroAndBackAndSaysWhy()
    {
        RunRecords run = await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        await using RunningController controller = New("a");
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas > 0), "workers are asked for");
        Assert.Equal(1, await ReplicasAsync());

        await Runs.TakeAsync(2);
        await Runs.FinishAsync(run, 0);
        await Runs.FinishAsync(run, 1);
        await Eventually.HoldsAsync(() => controller.Steps.Last() is { Seen.Replicas: 0, Decided.Decision.Replicas: 0 }, "workers are let go");

        ImmutableArray<Eventsv1Event> events = await EventsAsync();
        Assert.Equal(["ScaledUp", "ScaledDown"], events.Where(e => e.Reason.StartsWith("Scaled", StringComparison.Ordinal)).OrderBy(e => e.EventTime).Select(e => e.Reason));
        Assert.Contains(events, e => e.Note.StartsWith("0 → 1 workers: no rate measured yet: 1 to begin with", StringComparison.Ordinal));
        Assert.All(events, e => Assert.Equal(("Deployment", "workers"), (e.Regarding.Kind, e.Regarding.Name)));
    }

    [Fact]
    public async Task Run_NothingChanges_WritesNothing()
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        await using RunningController controller = New("a");
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas > 0), "workers are asked for");
        int replicas = await ReplicasAsync();
        int steps = controller.Steps.Count;
        int events = (await EventsAsync()).Length;

        await Eventually.HoldsAsync(() => controller.Steps.Count > steps + 5, "it looks again");

        Assert.All(controller.Steps.Skip(steps), step => Assert.Equal((replicas, replicas), (step.Seen.Replicas, step.Decided.Decision.Replicas)));
        Assert.Equal(events, (await EventsAsync()).Length);
    }

    [Fact]
    public async Task Run_QueueCannotBeRead_HoldsAndSaysSoOnce()
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        await using RunningController controller = New("a");
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas > 0), "workers are asked for");

        Runs.Queue.Fails = true;
        await Eventually.HoldsAsync(() => controller.Steps.Count(step => step.Fleet.Fault is not null) > 5, "it does not see the queue");
        Assert.Equal(1, await ReplicasAsync());
        Assert.Single(await EventsAsync(), e => e.Reason == "BacklogUnreadable" && e.Type == "Warning");

        Runs.Queue.Fails = false;
        await Eventually.HoldsAsync(() => controller.Log.Lines.Contains("queue and runs can be read again"), "it sees the queue again");
    }

    [Fact]
    public async Task Run_SomebodyElseScalesBetweenLookAndWrite_DecidesAgain()
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 5);
        var meddler = new Meddler(() => ScaleAsync(4));
        await using var controller = new RunningController(Cluster, Runs, "a", connection: new(Cluster.Client("a", meddler), Cluster.Namespace, TimeProvider.System));

        await Eventually.HoldsAsync(() => controller.Steps.Count > 2, "it looks again");

        Assert.Equal(4, await ReplicasAsync()); // four are worth keeping: nobody is taken away while parts are left
        Assert.DoesNotContain(await EventsAsync(), e => e.Reason == "ScaledUp");
    }

    [Fact]
    public async Task Run_SuccessorTakesOver_GoesOnFromWhatIsThere()
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 3);
        await using RunningController first = New("a");
        await Eventually.HoldsAsync(() => first.Steps.Any(step => step.Seen.Replicas > 0), "workers are asked for");
        await first.StopAsync();
        await ScaleAsync(3); // as the first may have done in its last step

        await using RunningController second = New("b");
        await Eventually.HoldsAsync(() => second.Steps.Count > 3, "the second leads");

        Assert.Equal(3, await ReplicasAsync());
        Assert.Single(await EventsAsync(), e => e.Reason == "ScaledUp");
    }

    [Fact]
    public async Task Run_BusyPods_AreNeverTakenAway()
    {
        await ScaleAsync(3);
        for (int i = 0; i < 3; i++) await Bed.CreatePodAsync(Cluster.Admin, Cluster.Namespace, $"p{i}", isReady: true, Stop, deletionCost: i < 2 ? "1000" : "0");
        await using RunningController controller = New("a");

        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 2), "idle ones go");
        int steps = controller.Steps.Count;
        await Eventually.HoldsAsync(() => controller.Steps.Count > steps + 3, "it looks again");

        Assert.Equal(2, await ReplicasAsync());
    }

    [Fact]
    public async Task Run_DeadlineThatNobodyCanMeet_SaysTheEarliestPossible()
    {
        RunRecords run = await Runs.SubmitAsync("dt-2026-11-25-a", parts: 1000, deadline: TimeSpan.FromMinutes(5));
        await Runs.TakeAsync(2);
        await Runs.FinishAsync(run, 0, seconds: 60);
        await Runs.FinishAsync(run, 1, seconds: 60);
        await using RunningController controller = New("a");

        await Eventually.HoldsAsync(() => controller.Log.Lines.Any(line => line.Contains("cannot be done before", StringComparison.Ordinal)), "it says so");
        await Eventually.HoldsAsync(() => controller.Steps.Count > 4, "it looks again");

        Eventsv1Event told = Assert.Single(await EventsAsync(), e => e.Reason == "DeadlineImpossible");
        Assert.StartsWith("run dt-2026-11-25-a is due at 2026-11-25 12:05:00Z, but cannot be done before 2026-11-25 12:", told.Note, StringComparison.Ordinal);
        Assert.Contains("with the 20 workers that scaling.max allows", told.Note, StringComparison.Ordinal);
        Assert.Equal(20, await ReplicasAsync());
    }

    [Fact]
    public async Task Run_Decisions_StandOnTheLeaseAndOutliveTheLeader()
    {
        Runs.Queue.Fails = true;
        await using RunningController first = New("a");
        await Eventually.HoldsAsync(() => first.Steps.Count > 2, "it leads");
        await Eventually.HoldsAsync(() => LeaseNotes().ContainsKey(ScalingStatus.ConditionsNote), "the lease tells of it");
        Assert.Equal("the queue could not be read: holding 0", LeaseNotes()["juoku.dev/reason"]);
        await first.StopAsync();

        await using RunningController second = New("b");
        await Eventually.HoldsAsync(() => second.Steps.Count > 3, "the second leads");

        Assert.Single(await EventsAsync(), e => e.Reason == "BacklogUnreadable"); // the second knew
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 200)]
    [InlineData(false, 3000)]
    [InlineData(true, 3000)]
    public async Task Run_ServerGoesAwayWhileItScales_ScalesAndTellsOnce(bool isWritten, int milliseconds)
    {
        await Runs.SubmitAsync("dt-2026-11-25-a", parts: 2);
        int before = await ChangesAsync();
        await using Wire wire = Cluster.NewWire();
        var outage = new Outage(wire, isWritten ? async () => await ReplicasAsync() == 1 : null);
        await using var controller = new RunningController(Cluster, Runs, "a", connection: Cluster.Connect("a", wire, outage));
        await outage.Begun;
        await Task.Delay(milliseconds, Stop);
        wire.State = WireState.Whole;

        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it sees what it did");
        await Eventually.HoldsAsync(async () => (await EventsAsync()).Any(e => e.Reason == "ScaledUp"), "it tells");
        int steps = controller.Steps.Count;
        await Eventually.HoldsAsync(() => controller.Steps.Count > steps + 3, "it looks again");

        Assert.Equal(1, await ReplicasAsync());
        Assert.Equal(before + 1, await ChangesAsync());
        Eventsv1Event told = Assert.Single(await EventsAsync(), e => e.Reason.StartsWith("Scaled", StringComparison.Ordinal));
        Assert.StartsWith("0 → 1 workers: no rate measured yet", told.Note, StringComparison.Ordinal);
        Assert.Contains(controller.Log.Lines, line => milliseconds > 2000
            ? line.StartsWith("no longer leading", StringComparison.Ordinal)
            : line.StartsWith($"whether the workers were scaled is seen at the next look: cannot scale deployment workers to 1 in namespace {Cluster.Namespace}: no answer of {wire.Url}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(WireState.Cut)]
    [InlineData(WireState.Deaf)]
    [InlineData(WireState.Held)]
    public async Task Run_ServerIsAwayWhileWorkersFinish_GoesOnWithTheRightNumber(WireState loss)
    {
        RunRecords run = await Runs.SubmitAsync("dt-2026-11-25-a", parts: 1000, deadline: TimeSpan.FromMinutes(5));
        await using Wire wire = Cluster.NewWire();
        await using var controller = new RunningController(Cluster, Runs, "a", connection: Cluster.Connect("a", wire));
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 1), "it scales");
        await Eventually.HoldsAsync(async () => (await EventsAsync()).Any(e => e.Reason == "ScaledUp"), "it tells");
        int before = await ChangesAsync();

        wire.State = loss;
        await Runs.TakeAsync(2);
        await Runs.FinishAsync(run, 0, seconds: 60);
        await Runs.FinishAsync(run, 1, seconds: 60);
        await Eventually.HoldsAsync(() => controller.Log.Lines.Any(line => line.StartsWith("no longer leading", StringComparison.Ordinal)), "its term ends");
        Assert.Equal(1, await ReplicasAsync());
        wire.State = WireState.Whole;
        await Eventually.HoldsAsync(() => controller.Steps.Any(step => step.Seen.Replicas == 20), "it scales");
        int steps = controller.Steps.Count;
        await Eventually.HoldsAsync(() => controller.Steps.Count > steps + 3, "it looks again");

        Assert.Equal(before + 1, await ChangesAsync());
        Assert.Equal(["0 → 1", "1 → 20"], (await EventsAsync()).Where(e => e.Reason == "ScaledUp").OrderBy(e => e.EventTime).Select(e => e.Note.Split(" workers")[0]));
    }

    private protected RunningController New(string name) => new(Cluster, Runs, name);

    private async Task<int> ReplicasAsync() => (await Cluster.Admin.AppsV1.ReadNamespacedDeploymentScaleAsync("workers", Cluster.Namespace, cancellationToken: Stop)).Spec.Replicas ?? 0;

    /// <summary>How often the Deployment was asked for something else.</summary>
    private async Task<int> ChangesAsync() => (int)(await Cluster.Admin.AppsV1.ReadNamespacedDeploymentAsync("workers", Cluster.Namespace, cancellationToken: Stop)).Metadata.Generation!.Value;

    private Task<V1Scale> ScaleAsync(int replicas) => Cluster.Admin.AppsV1.PatchNamespacedDeploymentScaleAsync(
        new V1Patch(new { spec = new { replicas } }, V1Patch.PatchType.MergePatch), "workers", Cluster.Namespace, cancellationToken: Stop);

    private protected async Task<ImmutableArray<Eventsv1Event>> EventsAsync() =>
        [.. (await Cluster.Admin.EventsV1.ListNamespacedEventAsync(Cluster.Namespace, cancellationToken: Stop)).Items.Where(e => e.ReportingController == "juoku.dev/controller")];

    private IDictionary<string, string> LeaseNotes() =>
        Cluster.Admin.CoordinationV1.ReadNamespacedLease("juoku", Cluster.Namespace).Metadata.Annotations ?? new Dictionary<string, string>();

    /// <summary>Does something about the first request that scales.</summary>
    private abstract class AtScaling : DelegatingHandler
    {
        private int _times;

        protected abstract Task<HttpResponseMessage> DoAsync(HttpRequestMessage request, CancellationToken cancellationToken);

        protected Task<HttpResponseMessage> PassAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool scales = request.Method == HttpMethod.Patch && request.RequestUri!.AbsolutePath.EndsWith("/scale", StringComparison.Ordinal);
            return scales && Interlocked.Exchange(ref _times, 1) == 0 ? DoAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Does something after the Deployment was seen and before it is written.</summary>
    private sealed class Meddler(Func<Task> meddle) : AtScaling
    {
        protected override async Task<HttpResponseMessage> DoAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await meddle();
            return await PassAsync(request, cancellationToken);
        }
    }

    /// <summary>The server goes away: before it hears what is asked of it, or after it has done it and before it answers.</summary>
    private sealed class Outage(Wire wire, Func<Task<bool>>? isDone) : AtScaling
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);

        protected override async Task<HttpResponseMessage> DoAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            wire.State = isDone is null ? WireState.Cut : WireState.Deaf;
            Task<HttpResponseMessage> answer = PassAsync(request, cancellationToken);
            if (isDone is not null) await Eventually.HoldsAsync(isDone, "the server does it");
            wire.State = WireState.Cut;
            _begun.SetResult();
            return await answer;
        }
    }
}
