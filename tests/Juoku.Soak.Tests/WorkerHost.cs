using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Juoku.Aws;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs.Workers;
using Juoku.Batch.Stores;
using Juoku.Soak.Tests.Chaos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Juoku.Soak.Tests;

/// <summary>What a worker of the soak is told, as JSON on its command line.</summary>
internal sealed record WorkerSetup(string Store, string Queue, string Name, string Folder, int Seed, double Rate)
{
    /// <summary>File that gets a line for each fault injected.</summary>
    public string Notes => Path.Combine(Folder, $"{Name}.faults");

    /// <summary>File that gets the worker's log.</summary>
    public string Log => Path.Combine(Folder, $"{Name}.log");

    /// <summary>File that is there once the worker takes messages.</summary>
    public string Ready => Path.Combine(Folder, $"{Name}.ready");
}

/// <summary>
/// A worker process of the soak: <c>juoku worker</c> as Juoku.App composes it, except that its stores and queue make trouble. The product
/// itself knows nothing of that.
/// </summary>
internal static class WorkerHost
{
    public const string Command = "worker";

    private static Adapters Plain { get; } = Adapters.Local.AddAws();

    public static async Task<int> RunAsync(string json)
    {
        WorkerSetup setup = JsonSerializer.Deserialize<WorkerSetup>(json)!;
        await using var log = new FileLog(setup.Log);
        var stores = new Trouble(setup.Rate, setup.Seed, setup.Notes, problem => new StoreException("store", problem));
        var queues = new Trouble(setup.Rate, setup.Seed + 1, setup.Notes, problem => new QueueException("queue", problem));
        var extensions = new Trouble(Math.Min(0.5, 15 * setup.Rate), setup.Seed + 2, setup.Notes, problem => new QueueException("queue", problem));
        Adapters troubled = Adapters.Local
            .WithStore("file", url => new TroubledStore(Plain.OpenStore(url), stores))
            .WithStore("s3", url => new TroubledStore(Plain.OpenStore(url), stores));
        await using var queue = new TroubledQueue(Plain.OpenQueue(setup.Queue), queues, extensions);
        var options = new WorkerOptions
        {
            Store = setup.Store,
            Threads = 1,
            PartsAtOnce = 2,
            Visibility = TimeSpan.FromSeconds(2),
            Poll = TimeSpan.FromSeconds(1),
            Grace = TimeSpan.FromSeconds(2),
            Name = setup.Name,
        };
        var scorer = new PartScorer(new LoadedModels(new ModelCache(troubled, Path.Combine(setup.Folder, "models"))), options.ThreadsPerPart);
        using var meters = new WorkerMeters(TimeProvider.System);
        await using var worker = new RunWorker(troubled, queue, scorer.ScoreAsync, options, meters, TimeProvider.System, log);

        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        Task orphaned = Task.Run(() =>
        {
            while (Console.Read() >= 0)
            {
            }

            Environment.Exit(1); // whoever started us is gone
        }, CancellationToken.None);
        Task working = worker.RunAsync(stop.Token);
        while (!worker.IsReady && !working.IsCompleted) await Task.WhenAny(working, Task.Delay(20, CancellationToken.None));
        await File.WriteAllBytesAsync(setup.Ready, [], CancellationToken.None);
        await working;
        return 0;
    }

    /// <summary>A log of lines in a file, each written through at once.</summary>
    private sealed class FileLog(string path) : ILogger, IAsyncDisposable
    {
        private readonly StreamWriter _lines = new(path, append: true) { AutoFlush = true };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string time = TimeProvider.System.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            lock (_lines) _lines.WriteLine($"{time} {Environment.ProcessId} {logLevel}: {formatter(state, exception)}{(exception is null ? "" : $"\n{exception}")}");
        }

        public ValueTask DisposeAsync() => _lines.DisposeAsync();
    }
}
