using System.Diagnostics;
using System.Globalization;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Bench.Run;

/// <summary>A store, a queue and a worker process that waits for runs.</summary>
internal sealed class RunBench : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly StorePool _pool;
    private readonly IStore _store;
    private readonly IQueue _queue;
    private readonly PinnedModel _model;
    private readonly Process _worker;
    private readonly Task<string> _log;
    private int _runs;

    public RunBench(Adapters adapters, string store, string queue, PinnedModel model, IReadOnlyList<string> juoku)
    {
        _pool = new StorePool(adapters);
        _store = _pool.Open(store);
        _queue = adapters.OpenQueue(queue);
        _model = model;
        var start = new ProcessStartInfo(juoku[0], [.. juoku.Skip(1), "worker", "--stop-with-parent", "--store", store, "--queue", queue])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        _worker = Process.Start(start) ?? throw new BenchmarkException("juoku worker did not start");
        _log = _worker.StandardError.ReadToEndAsync();
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
    public Task<double> RunAsync(CancellationToken cancel) => RunAsync("input/", new RunSettings(), cancel);

    /// <summary>Does a run over files of one row each, made beforehand.</summary>
    public async Task<double> EmptyPartsAsync(int parts, CancellationToken cancel)
    {
        string header = string.Join(',', Models.SyntheticClicks.FeatureNames);
        string row = string.Join(',', Models.SyntheticClicks.FeatureNames.Select(_ => "0.5"));
        byte[] content = System.Text.Encoding.UTF8.GetBytes($"{header}\n{row}\n");
        for (int i = 0; i < parts; i++)
            await _store.PutAsync(string.Create(CultureInfo.InvariantCulture, $"one-row/part-{i:D5}.csv"), content, PutCondition.None, cancel);
        return await RunAsync("one-row/", new RunSettings(), cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _worker.StandardInput.Close();
        await _worker.WaitForExitAsync();
        _worker.Dispose();
        await _queue.DisposeAsync();
        await _pool.DisposeAsync();
    }

    private async Task<double> RunAsync(string input, RunSettings settings, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        var request = new RunRequest
        {
            Model = _model,
            Input = StoreLocation.Parse(input, _store.Url),
            Output = StoreLocation.Parse(string.Create(CultureInfo.InvariantCulture, $"predictions/{_runs++}"), _store.Url),
            Settings = settings,
        };
        RunPlan plan = await new RunPlanner(_store, _pool, TimeProvider.System).PlanAsync(request, cancel);
        Submitted submitted = await new RunSubmission(_store, _pool, _queue).SubmitAsync(plan, cancel);
        var observer = new RunObserver(submitted.Run, TimeProvider.System);
        while (true)
        {
            RunStatus status = await observer.LookAsync(cancel);
            if (status.State == RunState.Published) return Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (status.IsSettled) throw new BenchmarkException($"run {status.Run} was not published: {string.Join("; ", status.Reasons)}");
            if (_worker.HasExited) throw new BenchmarkException($"juoku worker ended with code {_worker.ExitCode}: {(await _log).Trim()}");
            await Task.Delay(Look, cancel);
        }
    }
}
