using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Runs.Workers;
using Juoku.Batch.Stores;
using Juoku.Batch.Tests.Queues;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Juoku.Batch.Tests.Runs;

/// <summary>A store, a queue, a model and a day of input in a folder of a test's own; and workers to let loose on them.</summary>
internal sealed class RunBed : IAsyncDisposable
{
    public const string Day = "features/click/dt=2026-11-23/";

    private readonly TemporaryFolder _folder = new();
    private readonly LoadedModels _models;

    public RunBed(Func<IStore, IStore>? wrapStore = null)
    {
        Adapters = wrapStore is null ? Adapters.Local : Adapters.Local.WithStore("file", url => wrapStore(FileStore.Open(url)));
        Directory.CreateDirectory(_folder["model"]);
        Directory.CreateDirectory(_folder["data"]);
        _folder.Write("model/model.txt", TinyModel.Text());
        Url = StoreLocation.AbsoluteUrl(_folder["data"]);
        Pool = new StorePool(Adapters);
        Files = FileStore.Open(Url);
        Queue = SqliteQueue.Open($"sqlite:{_folder["queue.db"]}", Clock);
        _models = new LoadedModels(new ModelCache(Adapters.Local, _folder["cache"]));
        Scorer = new PartScorer(_models, threads: 2);
    }

    public Adapters Adapters { get; }

    /// <summary>URL of the store.</summary>
    public string Url { get; }

    public StorePool Pool { get; }

    /// <summary>The store, for the test itself: not wrapped.</summary>
    public FileStore Files { get; }

    public SqliteQueue Queue { get; }

    /// <summary>The queue's clock: it stands still until it is set forward, so that no message comes back by itself.</summary>
    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));

    public PartScorer Scorer { get; }

    public ConcurrentQueue<string> Log { get; } = [];

    public IStore Store => Pool.Open(Url);

    /// <summary>Puts an input file of the day.</summary>
    public Task PutAsync(string name, string text) => Files.PutAsync(Day + name, Encoding.UTF8.GetBytes(text), PutCondition.None, CancellationToken.None);

    /// <summary>Puts parts whose keys are p-r for part p and row r.</summary>
    public async Task PutPartsAsync(int parts, int rows = 3)
    {
        for (int part = 0; part < parts; part++)
            await PutAsync(string.Create(CultureInfo.InvariantCulture, $"part-{part:D5}.csv"), Csv(part, rows));
    }

    public static string Csv(int part, int rows) =>
        "id,age,price,colour\n" + string.Concat(Enumerable.Range(0, rows).Select(row => $"{part}-{row:D3},{20 + row % 8 * 7},{part + row % 8},{(part + row) % 4}\n"));

    /// <summary>What the tiny model says of a row of <see cref="Csv"/>.</summary>
    public static double Expected(int part, int row) =>
        (20 + row % 8 * 7 <= 30 ? 1 : 2) + (part + row % 8 <= 9.5 ? 10 : 20) + ((part + row) % 4 is 1 or 3 ? 100 : 200);

    public async Task<RunRequest> RequestAsync() => new()
    {
        Model = await PinnedModel.OfFileAsync(_folder["model/model.txt"], CancellationToken.None),
        Input = StoreLocation.Parse(Day, Url),
        Output = StoreLocation.Parse("predictions/click", Url),
        Settings = new RunSettings { Keys = ["id"] },
        Gate = new GateThresholds { MaxRowShift = null },
    };

    public async Task<RunPlan> PlanAsync(Func<RunRequest, RunRequest>? change = null)
    {
        RunRequest request = await RequestAsync();
        return await new RunPlanner(Store, Pool, TimeProvider.System).PlanAsync(change is null ? request : change(request), CancellationToken.None);
    }

    public RunSubmission Submission => new(Store, Pool, Queue);

    public async Task<RunRecords> SubmitAsync(Func<RunRequest, RunRequest>? change = null) =>
        (await Submission.SubmitAsync(await PlanAsync(change), CancellationToken.None)).Run;

    public WorkerOptions Options => new()
    {
        Store = Url,
        Threads = 2,
        Poll = TimeSpan.FromMilliseconds(50),
        StopWhenIdle = TimeSpan.FromMilliseconds(100),
        Name = "worker",
    };

    public RunWorker Worker(Func<WorkerOptions, WorkerOptions>? change = null, PartScoring? score = null, IQueue? queue = null, Adapters? adapters = null) =>
        new(adapters ?? Adapters, queue ?? Queue, score ?? Scorer.ScoreAsync, change is null ? Options : change(Options), new WorkerMeters(TimeProvider.System), TimeProvider.System, new ListLogger(Log));

    /// <summary>Lets a worker work until there is nothing to do.</summary>
    public async Task WorkAsync(Func<WorkerOptions, WorkerOptions>? change = null, PartScoring? score = null, IQueue? queue = null)
    {
        await using RunWorker worker = Worker(change, score, queue);
        await worker.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stands in for the prediction of a part where it is not what is tested: writes a text that tells which input it is of.</summary>
    public static async Task<PartOutput> ScoreQuicklyAsync(RunRecords run, RunPart part, CancellationToken cancellation)
    {
        StoredObject? found = await run.Input.FindAsync(run.Plan.Input.Prefix + part.Input.Key, cancellation);
        if (found?.ETag != part.Input.ETag) throw new ObjectChangedException(part.Input.Key, part.Input.ETag, found?.ETag);
        byte[] content = Encoding.UTF8.GetBytes(QuickOutput(part));
        await using ObjectWriter writer = await run.Output.CreateAsync(run.Plan.OutputFolder + part.OutputName, cancellation);
        await writer.Stream.WriteAsync(content, cancellation);
        await writer.CompleteAsync(cancellation);

        // As many rows as the input's length says: see Csv.
        int rows = (int)(part.Input.Length - Csv(part.Number, 0).Length) / (Csv(part.Number, 1).Length - Csv(part.Number, 0).Length);
        return new PartOutput(part.OutputName, content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), rows, 0, rows, null,
            new ScoreSummary(rows, rows * 0.5, [new Juoku.Batch.Predicting.ScoreBin(0.5, rows)]));
    }

    public static string QuickOutput(RunPart part) => $"{part.Number} {part.Input.Key} {part.Input.ETag}";

    /// <summary>Every prediction of a run, read from all output files: key → predictions.</summary>
    public ILookup<string, double> Predictions(RunRecords run)
    {
        string folder = Files.PathTo(run.Plan.OutputFolder.TrimEnd('/'));
        if (!Directory.Exists(folder)) return Array.Empty<string>().ToLookup(x => x, _ => 0.0);
        return Directory.GetFiles(folder, "part-*.parquet").Order(StringComparer.Ordinal).SelectMany(file =>
        {
            (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(file, true, [new(1)], [0], 1 << 10);
            return keys[0].Zip(numbers[0], (key, score) => (Key: (string)key!, Score: score)).ToList();
        }).ToLookup(row => row.Key, row => row.Score);
    }

    /// <summary>Every key of the parts has one prediction, and the right one; nothing else is there.</summary>
    public void AssertExact(RunRecords run, IEnumerable<int> parts, int rows = 3)
    {
        ILookup<string, double> predictions = Predictions(run);
        string[] expected = [.. parts.SelectMany(part => Enumerable.Range(0, rows).Select(row => $"{part}-{row:D3}={Expected(part, row)}")).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, predictions.SelectMany(key => key.Select(score => $"{key.Key}={score}")).Order(StringComparer.Ordinal));
    }

    /// <summary>Objects under a prefix, by key.</summary>
    public async Task<string[]> KeysAsync(string prefix = "") => [.. await Files.ListAsync(prefix, CancellationToken.None).Select(item => item.Key).ToListAsync()];

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        await Queue.DisposeAsync();
        _folder.Dispose();
    }

    private static void Add(ConcurrentQueue<string> log, string line)
    {
        log.Enqueue(line);
        if (Environment.GetEnvironmentVariable("JUOKU_TEST_LOG") is not null) Console.Error.WriteLine(line);
    }

    private sealed class ListLogger(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(log, $"{logLevel} {formatter(state, exception)}{(exception is null ? "" : " " + exception)}");
    }
}
