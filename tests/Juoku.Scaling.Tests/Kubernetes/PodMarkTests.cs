using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Tests.Servers;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>Marks on a pod of the stand-in.</summary>
public sealed class PodMarkTests : IAsyncLifetime
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentQueue<string> _log = [];
    private StandInCluster _cluster = null!;
    private ClusterConnection _connection = null!;
    private volatile bool _isBusy;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await StandInCluster.StartAsync();
        _connection = _cluster.Connect("worker");
        await Bed.CreatePodAsync(_cluster.Admin, "default", "pod-1", isReady: true, Stop);
        foreach (string verb in (string[])["get", "list", "watch", "update"]) _cluster.Server.Deny("worker", verb, "pods");
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Changed_BusyThenIdle_AreWrittenForAllWhoChoosePods()
    {
        await using PodMark mark = NewMark();
        await AnnotationsAsync("0 - true"); // also takes away what a crashed worker left

        Turn(mark, busy: true);
        await AnnotationsAsync("100 true false");
        Turn(mark, busy: false);
        await AnnotationsAsync("0 - true");
        Assert.Equal(3, Patches.Length);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Changed_OftenWhileIdleDoesNotLast_IsWrittenOnce()
    {
        _isBusy = true;
        await using PodMark mark = NewMark();
        await AnnotationsAsync("100 true false");

        for (int part = 0; part < 200; part++)
        {
            Turn(mark, busy: false);
            Turn(mark, busy: true);
            await Task.Delay(2, Stop);
        }

        Assert.Single(Patches);
        Turn(mark, busy: false);
        await AnnotationsAsync("0 - true");
        Assert.Equal(2, Patches.Length);
    }

    [Fact]
    public async Task Changed_Forbidden_IsSaidOnceAndHealsByItself()
    {
        _cluster.Server.Deny("worker", "patch", "pods");
        _isBusy = true;
        await using PodMark mark = NewMark();
        await Eventually.HoldsAsync(() => !_log.IsEmpty, "a warning");
        Turn(mark, busy: false);
        Turn(mark, busy: true);
        await Eventually.HoldsAsync(() => Patches.Length >= 3, "it is tried again");

        string warning = Assert.Single(_log);
        Assert.Contains("cannot mark pod pod-1 as busy in namespace default", warning);
        Assert.Contains("let the pod's service account 'patch' 'pods'", warning);
        _cluster.Server.Allow("worker", "patch", "pods");
        mark.Changed();
        await AnnotationsAsync("100 true false");
        await Eventually.HoldsAsync(() => _log.Count == 2, "it says that it works again");
    }

    [Fact]
    public async Task Changed_ServerThatDoesNotAnswer_HoldsNobodyUpAndGetsTheLastState()
    {
        var answer = new TaskCompletionSource();
        _cluster.Server.Faults = _ => new ApiFault.Hold(answer.Task);
        _isBusy = true;
        await using PodMark mark = NewMark();
        await Eventually.HoldsAsync(() => Patches.Length == 1, "the first request");

        for (int turn = 0; turn < 1000; turn++) Turn(mark, busy: turn % 2 == 0); // returns each time, or the test ends here
        _cluster.Server.Faults = _ => null;
        answer.SetResult();

        await AnnotationsAsync("0 - true");
        Assert.Equal(2, Patches.Length);
    }

    [Fact]
    public async Task Dispose_WhileAPatchHangs_Returns()
    {
        _cluster.Server.Faults = _ => new ApiFault.Hold(Task.Delay(TimeSpan.FromSeconds(20), Stop));
        PodMark mark = NewMark();
        await Eventually.HoldsAsync(() => Patches.Length == 1, "the first request");

        await mark.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop);
        _cluster.Server.Faults = _ => null;
    }

    private ApiRequest[] Patches => [.. _cluster.Server.Requests.Where(request => request is { User: "worker", Verb: "patch" })];

    private PodMark NewMark() => new(_connection, "pod-1", () => _isBusy, Settle, TimeProvider.System, new ListLogger(_log));

    private void Turn(PodMark mark, bool busy)
    {
        _isBusy = busy;
        mark.Changed();
    }

    /// <summary>Waits until the pod bears these: deletion cost, do-not-disrupt, safe-to-evict.</summary>
    private Task AnnotationsAsync(string wanted) => Eventually.HoldsAsync(() =>
    {
        JsonObject? annotations = _cluster.Server.Objects.Get(new ResourceKey("pods", "default", "pod-1"))["metadata"]!["annotations"]?.AsObject();
        return string.Join(' ', new[] { PodMark.DeletionCost, PodMark.DoNotDisrupt, PodMark.SafeToEvict }.Select(name => annotations?[name]?.GetValue<string>() ?? "-")) == wanted;
    }, wanted);

    private sealed class ListLogger(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue(formatter(state, exception));
    }
}
