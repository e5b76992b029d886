using System.Runtime.CompilerServices;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling.Observing;

namespace Juoku.Scaling.Tests.Observing;

/// <summary>A store and a queue in a folder of a test's own, runs in them, and a hand that plays the workers. Both can be made to fail.</summary>
internal sealed class FleetBed : IAsyncDisposable
{
    public const int PartBytes = 1000;
    public const int PartRows = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("juoku-test-").FullName;
    private readonly Dictionary<string, QueueMessage> _taken = [];

    public FleetBed()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        Store = new TroubledStore(FileStore.Open(Path.Combine(_folder, "data")));
        Queue = new TroubledQueue(SqliteQueue.Open($"sqlite:{Path.Combine(_folder, "queue.db")}", Clock));
        Reader = NewReader();
    }

    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));

    public TroubledStore Store { get; }

    public TroubledQueue Queue { get; }

    public StorePool Pool { get; } = new(Adapters.Local);

    public FleetReader Reader { get; }

    public FleetReader NewReader(string? only = null) => new(Store, Pool, Queue, Clock, only);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public RunPlan Plan(string run, int parts, TimeSpan? deadline = null, string set = "click") => new()
    {
        Run = run,
        Set = set,
        Model = new PinnedModel("ctr/1", "file:///nowhere", "", new string('0', 64), []),
        Input = new StoreLocation(null, "features/"),
        Output = new StoreLocation(null, $"predictions/{set}/"),
        Inputs = [.. Enumerable.Range(0, parts).Select(part => new RunInput($"part-{part}.csv", PartBytes, "1"))],
        Settings = new RunSettings(),
        Gate = new GateThresholds(),
        Deadline = Clock.GetUtcNow() + deadline,
        ConfigDigest = "",
        Created = Clock.GetUtcNow(),
    };

    /// <summary>Submits a run; a second later it is.</summary>
    public async Task<RunRecords> SubmitAsync(string run, int parts, TimeSpan? deadline = null, string set = "click")
    {
        Submitted submitted = await new RunSubmission(Store, Pool, Queue).SubmitAsync(Plan(run, parts, deadline, set), Cancellation);
        Clock.Advance(TimeSpan.FromSeconds(1));
        return submitted.Run;
    }

    /// <summary>Takes messages in hand.</summary>
    public async Task TakeAsync(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            QueueMessage message = (await Queue.ReceiveAsync(1, TimeSpan.Zero, TimeSpan.FromHours(6), Cancellation))[0];
            PartMessage part = ((RunMessage.Part)RunMessage.Read(message.Body)).Message;
            _taken[$"{part.Run}/{part.Part}"] = message;
        }
    }

    /// <summary>Finishes a part that was taken in hand.</summary>
    public async Task FinishAsync(RunRecords run, int part, double seconds = 2, string worker = "one", PartState state = PartState.Finished, int attempt = 1)
    {
        Assert.True(await run.PutReceiptAsync(Receipt(part, seconds, worker, state, attempt), PutCondition.IfAbsent, Cancellation));
        if (_taken.Remove($"{run.Plan.Run}/{part}", out QueueMessage? message)) Assert.True(await Queue.CompleteAsync(message, Cancellation));
    }

    public PartReceipt Receipt(int part, double seconds, string worker, PartState state = PartState.Finished, int attempt = 1) => new()
    {
        Part = part,
        State = state,
        Output = state == PartState.Finished ? new PartOutput($"part-{part:D5}.parquet", 1, "", PartRows, 0, 0, null, new ScoreSummary(0, 0, [])) : null,
        Attempt = attempt,
        Worker = worker,
        Time = Clock.GetUtcNow(),
        Seconds = seconds,
    };

    public async ValueTask DisposeAsync()
    {
        await Queue.DisposeAsync();
        await Pool.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A store that fails while it is told to, and counts what is read.</summary>
internal sealed class TroubledStore(IStore store) : IStore
{
    public bool Fails { get; set; }

    public int Reads { get; private set; }

    public string Url => store.Url;

    private IStore Working => Fails ? throw new StoreException(store.Url, "does not answer; look at the network") : store;

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) => Working.FindAsync(key, cancellation);

    public Task<StoredBytes?> GetAsync(string key, CancellationToken cancellation)
    {
        Reads++;
        return Working.GetAsync(key, cancellation);
    }

    public Task ReadAsync(StoredObject item, long offset, Memory<byte> buffer, CancellationToken cancellation) => Working.ReadAsync(item, offset, buffer, cancellation);

    public Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) => Working.PutAsync(key, content, condition, cancellation);

    public Task<ObjectWriter> CreateAsync(string key, CancellationToken cancellation) => Working.CreateAsync(key, cancellation);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (StoredObject item in Working.ListAsync(prefix, cancellation)) yield return item;
    }

    public Task DeleteAsync(string key, CancellationToken cancellation) => Working.DeleteAsync(key, cancellation);

    public Task<int> SweepAsync(string prefix, TimeSpan age, CancellationToken cancellation) => Working.SweepAsync(prefix, age, cancellation);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

/// <summary>A queue whose count fails while it is told to.</summary>
internal sealed class TroubledQueue(IQueue queue) : IQueue
{
    public bool Fails { get; set; }

    public string Url => queue.Url;

    public Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation) => queue.SendAsync(bodies, cancellation);

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation) => queue.ReceiveAsync(most, wait, visibility, cancellation);

    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) => queue.ExtendAsync(message, visibility, cancellation);

    public Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) => queue.CompleteAsync(message, cancellation);

    public Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation) => queue.AbandonAsync(message, delay, cancellation);

    public Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation) => queue.DeadLetterAsync(message, reason, cancellation);

    public Task<QueueDepth> CountAsync(CancellationToken cancellation) =>
        Fails ? throw new QueueException(queue.Url, "does not answer; look at the network") : queue.CountAsync(cancellation);

    public ValueTask DisposeAsync() => queue.DisposeAsync();
}
