using System.Collections.Concurrent;
using System.Diagnostics;
using Juoku.Batch.Queues;
using Juoku.Batch.Supervision;

namespace Juoku.Batch.Tests.Supervision;

/// <summary>Supervises real processes: shell scripts in place of workers.</summary>
public sealed class WorkerSupervisorTests : IDisposable
{
    private static readonly SupervisorOptions Quick = new()
    {
        MaxWorkers = 3,
        Poll = TimeSpan.FromMilliseconds(20),
        CoolDown = TimeSpan.FromMilliseconds(100),
        FirstPause = TimeSpan.FromMilliseconds(50),
        Grace = TimeSpan.FromSeconds(30),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DepthOnlyQueue _queue = new();
    private readonly ConcurrentQueue<SupervisorEvent> _events = new();

    [Fact]
    public async Task Run_BacklogComesAndGoes_WorkersDoToo()
    {
        await using Supervised supervised = Supervise("trap 'exit 0' TERM; while :; do sleep 0.01; done");
        Assert.Equal(0, supervised.Supervisor.Running);

        _queue.Depth = new QueueDepth(100, 0, 0);
        await Until(() => supervised.Supervisor.Running == 3);
        _queue.Depth = new QueueDepth(0, 1, 0);
        await Until(() => supervised.Supervisor.Running == 1);
        _queue.Depth = new QueueDepth(0, 0, 0);
        await Until(() => supervised.Supervisor.Running == 0);

        Assert.DoesNotContain(_events, told => told.IsProblem);
    }

    [Fact]
    public async Task Run_StartDelay_WorkersThatAreNoLongerWantedNeverStart()
    {
        _queue.Depth = new QueueDepth(3, 0, 0);
        await using Supervised supervised = Supervise("trap 'exit 0' TERM; while :; do sleep 0.01; done", Quick with { StartDelay = TimeSpan.FromSeconds(2) });
        int looks = _queue.Looks;
        await Until(() => _queue.Looks > looks + 3);
        Assert.Equal(0, supervised.Supervisor.Running);

        _queue.Depth = new QueueDepth(1, 0, 0); // before the delay is over, and for longer than the cool-down
        await Until(() => supervised.Supervisor.Running > 0);
        looks = _queue.Looks;
        await Until(() => _queue.Looks > looks + 20);

        Assert.Single(_events, told => told.Text.Contains("starts as process", StringComparison.Ordinal));
        Assert.Equal(1, supervised.Supervisor.Running);
    }

    [Fact]
    public async Task Run_WorkerCrashes_IsReplacedAndReported()
    {
        _queue.Depth = new QueueDepth(1, 0, 0);
        await using Supervised supervised = Supervise($"printf x >>{_folder["starts"]}; read n <{_folder["starts"]}; [ \"$n\" = xxx ] || exit 7; trap 'exit 0' TERM; while :; do sleep 0.01; done");

        await Until(() => File.Exists(_folder["starts"]) && File.ReadAllText(_folder["starts"]) == "xxx");

        Assert.Equal(2, _events.Count(told => told.IsProblem && told.Text.Contains("crashed with code 7", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_QueueFails_KeepsItsWorkers()
    {
        _queue.Depth = new QueueDepth(2, 0, 0);
        await using Supervised supervised = Supervise("trap 'exit 0' TERM; while :; do sleep 0.01; done");
        await Until(() => supervised.Supervisor.Running == 2);

        _queue.Depth = null;
        await Until(() => _events.Any(told => told.Text.Contains("does not answer", StringComparison.Ordinal)));
        int looks = _queue.Looks;
        await Until(() => _queue.Looks > looks + 10);

        Assert.Equal(2, supervised.Supervisor.Running);
        Assert.Single(_events, told => told.IsProblem);
    }

    [Fact]
    public async Task Stop_WorkerIgnoresSigterm_IsKilledAfterTheGrace()
    {
        _queue.Depth = new QueueDepth(1, 0, 0);
        Supervised supervised = Supervise($"trap '' TERM; echo $$ >{_folder["pid"]}; while :; do sleep 0.01; done", Quick with { Grace = TimeSpan.FromMilliseconds(200) });
        await Until(() => File.Exists(_folder["pid"]) && File.ReadAllText(_folder["pid"]).EndsWith('\n'));

        await supervised.DisposeAsync();

        Assert.Contains(_events, told => told.Text.Contains("was killed", StringComparison.Ordinal));
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText(_folder["pid"]).Trim()}"));
    }

    public void Dispose() => _folder.Dispose();

    private Supervised Supervise(string script, SupervisorOptions? options = null)
    {
        var supervisor = new WorkerSupervisor(options ?? Quick, _queue, _ => new ProcessStartInfo("bash", ["-c", script]), new Told(_events), TimeProvider.System);
        return new Supervised(supervisor);
    }

    private async Task Until(Func<bool> holds)
    {
        for (int i = 0; i < 3_000 && !holds(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(holds(), $"It did not come about within thirty seconds: {string.Join("; ", _events.Select(told => told.Text))}");
    }

    private sealed class Told(ConcurrentQueue<SupervisorEvent> events) : IProgress<SupervisorEvent>
    {
        public void Report(SupervisorEvent value) => events.Enqueue(value);
    }

    private sealed class Supervised : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public Supervised(WorkerSupervisor supervisor)
        {
            Supervisor = supervisor;
            _run = Task.Run(() => supervisor.RunAsync(_stop.Token));
        }

        public WorkerSupervisor Supervisor { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
            Assert.Equal(0, Supervisor.Running);
        }
    }

    /// <summary>A queue of which only the depth is asked.</summary>
    private sealed class DepthOnlyQueue : IQueue
    {
        private int _looks;

        public QueueDepth? Depth { get; set; } = default(QueueDepth);

        public int Looks => Volatile.Read(ref _looks);

        public string Url => "test:depth";

        public Task<QueueDepth> CountAsync(CancellationToken cancellation)
        {
            Interlocked.Increment(ref _looks);
            return Depth is { } depth ? Task.FromResult(depth) : throw new QueueException(Url, "is down");
        }

        public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
