using System.Diagnostics;
using System.Globalization;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Batch.Supervision;

namespace Juoku.Bench.Run;

/// <summary>A store, a queue and a process that waits for runs: a worker, or one that keeps workers.</summary>
internal sealed class RunBench : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly StorePool _pool;
    private readonly IStore _store;
    private readonly IQueue _queue;
    private readonly PinnedModel _model;
    private readonly Process _process;
    private readonly Task<string> _log;

    // The same run is done once: in a store where an earlier benchmark left its runs, they would be there already.
    private readonly string _benchmark = Guid.NewGuid().ToString("N")[..8];
    private int _runs;

    /// <param name="adapters">Open store and queue.</param>
    /// <param name="store">URL of the store.</param>
    /// <param name="queue">URL of the queue.</param>
    /// <param name="model">Predicts.</param>
    /// <param name="command">The command that does runs, but for store and queue.</param>
    public RunBench(Adapters adapters, string store, string queue, PinnedModel model, IReadOnlyList<string> command)
    {
        _pool = new StorePool(adapters);
        _store = _pool.Open(store);
        _queue = adapters.OpenQueue(queue);
        _model = model;
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), "--store", store, "--queue", queue])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new BenchmarkException($"{string.Join(' ', command)} did not start");
        _log = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Copies the input into the store.</summary>
    public async Task UploadAsync(string folder, IProgress<string> progress, CancellationToken cancel)
    {
        foreach (string file in Directory.GetFiles(folder))
        {
            progress.Report($"run: uploading {Path.GetFileName(file)}");
            await using FileStream content = File.OpenRead(file);
            await using ObjectWriter writer = await _store.CreateAsync($"input/{Path.GetFileName(file)}", cancel);
            await content.CopyToAsync(writer.Stream, cancel);
            await writer.CompleteAsync(cancel);
        }
    }

    /// <summary>Does a run over the input.</summary>
    /// <returns>Seconds from its plan until it was published.</returns>
    public async Task<double> RunAsync(CancellationToken cancel) => (await RunAsync("input/", new RunSettings(), cancel)).Seconds;

    /// <summary>Does a run over the input.</summary>
    /// <returns>When its first part was begun, when its last was done, and when it was published, in seconds since before its plan.</returns>
    public Task<RunCourse> CourseAsync(CancellationToken cancel) => RunAsync("input/", new RunSettings(), cancel);

    /// <summary>Does a run over files of one row each, made beforehand.</summary>
    public async Task<double> EmptyPartsAsync(int parts, CancellationToken cancel)
    {
        string header = string.Join(',', Models.SyntheticClicks.FeatureNames);
        string row = string.Join(',', Models.SyntheticClicks.FeatureNames.Select(_ => "0.5"));
        byte[] content = System.Text.Encoding.UTF8.GetBytes($"{header}\n{row}\n");
        for (int i = 0; i < parts; i++)
            await _store.PutAsync(string.Create(CultureInfo.InvariantCulture, $"one-row/part-{i:D5}.csv"), content, PutCondition.None, cancel);
        return (await RunAsync("one-row/", new RunSettings(), cancel)).Seconds;
    }

    public async ValueTask DisposeAsync()
    {
        Termination.Request(_process);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _queue.DisposeAsync();
        await _pool.DisposeAsync();
    }

    private async Task<RunCourse> RunAsync(string input, RunSettings settings, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        DateTimeOffset submittedAt = TimeProvider.System.GetUtcNow();
        var request = new RunRequest
        {
            Model = _model,
            Input = StoreLocation.Parse(input, _store.Url),
            Output = StoreLocation.Parse(string.Create(CultureInfo.InvariantCulture, $"predictions/{_benchmark}-{Interlocked.Increment(ref _runs)}"), _store.Url),
            Settings = settings,
        };
        RunPlan plan = await new RunPlanner(_store, _pool, TimeProvider.System).PlanAsync(request, cancel);
        Submitted submitted = await new RunSubmission(_store, _pool, _queue).SubmitAsync(plan, cancel);
        var observer = new RunObserver(submitted.Run, TimeProvider.System);
        while (true)
        {
            RunStatus status = await observer.LookAsync(cancel);
            if (status.State == RunState.Published)
            {
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                var ledger = new ReceiptLedger(submitted.Run);
                await ledger.RefreshAsync(cancel);
                PartReceipt[] receipts = [.. ledger.Receipts.Values.Select(stored => stored.Receipt)];
                return new RunCourse(
                    receipts.Min(receipt => (receipt.Time - submittedAt).TotalSeconds - receipt.Seconds), receipts.Max(receipt => (receipt.Time - submittedAt).TotalSeconds), seconds);
            }

            if (status.IsSettled) throw new BenchmarkException($"run {status.Run} was not published: {string.Join("; ", status.Reasons)}");
            if (_process.HasExited) throw new BenchmarkException($"{_process.StartInfo.FileName} ended with code {_process.ExitCode}: {(await _log).Trim()}");
            await Task.Delay(Look, cancel);
        }
    }
}

/// <summary>The course of a run, in seconds since just before it was planned.</summary>
/// <param name="FirstBegun">Its first part was begun.</param>
/// <param name="LastDone">Its last part was done.</param>
/// <param name="Seconds">It was published.</param>
internal sealed record RunCourse(double FirstBegun, double LastDone, double Seconds);
