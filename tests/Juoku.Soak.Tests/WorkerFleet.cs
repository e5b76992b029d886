using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Juoku.Soak.Tests;

/// <summary>
/// A number of worker processes, kept at that number while they are killed: -9, TERM, or stopped for longer than a message stays invisible
/// and then let go on, as a machine does that was suspended.
/// </summary>
internal sealed partial class WorkerFleet : IAsyncDisposable
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UsualStart = TimeSpan.FromSeconds(0.8);

    private readonly Process[] _workers;
    private readonly int[] _ids;
    private readonly (string Ready, long Since)?[] _starting;
    private readonly Func<int, WorkerSetup> _setup;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;
    private int _started;

    /// <param name="count">How many workers.</param>
    /// <param name="setup">What the nth worker that is started is told.</param>
    public WorkerFleet(int count, Func<int, WorkerSetup> setup)
    {
        _setup = setup;
        _starting = new (string, long)?[count];
        _workers = [.. Enumerable.Range(0, count).Select(Start)];
        _ids = [.. _workers.Select(worker => worker.Id)];
        _keeping = KeepAsync(_stop.Token);
    }

    /// <summary>How many processes were started in all.</summary>
    public int Started => _started;

    /// <summary>
    /// How many times longer than usual workers take to start, by the last ones. Who strikes waits as many times longer: on a machine that
    /// is busy with other things workers would else be killed before they have done anything, again and again.
    /// </summary>
    public double Slowness { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); } = 1;

    /// <summary>What was done to workers, and how often.</summary>
    public Tally Strikes { get; } = new();

    /// <summary>Exit codes other than 0 and those of a kill.</summary>
    public Tally Crashes { get; } = new();

    /// <summary>Strikes one of the workers.</summary>
    public async Task StrikeAsync(Random random, CancellationToken cancellation)
    {
        // The number, not the process: that may be replaced by another, and disposed of, at any moment.
        int victim = Volatile.Read(ref _ids[random.Next(_ids.Length)]);
        switch (random.Next(10))
        {
            case < 5:
                Strikes.Add("kill -9");
                _ = Signal(victim, 9);
                break;
            case < 8:
                Strikes.Add("kill -TERM");
                _ = Signal(victim, 15);
                break;
            default:
                Strikes.Add("suspended");
                _ = Signal(victim, 19);
                try
                {
                    await Task.Delay(TimeSpan.FromSeconds(2 + 2 * random.NextDouble()), cancellation);
                }
                finally
                {
                    _ = Signal(victim, 18);
                }

                break;
        }
    }

    /// <summary>Ends all workers as a rollout would; returns how many had to be killed because they did not end.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        foreach (Process worker in _workers) _ = Signal(worker.Id, 15);
        int stuck = 0;
        foreach (Process worker in _workers)
        {
            using var limit = new CancellationTokenSource(LongestStop);
            try
            {
                await worker.WaitForExitAsync(limit.Token);
                Note(worker);
            }
            catch (OperationCanceledException)
            {
                stuck++;
                worker.Kill();
            }
        }

        return stuck;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        foreach (Process worker in _workers)
        {
            if (!worker.HasExited) worker.Kill();
            worker.Dispose();
        }

        _stop.Dispose();
    }

    private async Task KeepAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            for (int i = 0; i < _workers.Length; i++)
            {
                if (_starting[i] is { } starting && File.Exists(starting.Ready))
                {
                    Slowness = Math.Max(1, (Slowness + Stopwatch.GetElapsedTime(starting.Since) / UsualStart) / 2);
                    _starting[i] = null;
                }

                if (!_workers[i].HasExited) continue;
                Note(_workers[i]);
                _workers[i].Dispose();
                _workers[i] = Start(i);
                Volatile.Write(ref _ids[i], _workers[i].Id);
            }
        }
    }

    private void Note(Process worker)
    {
        // 128 + signal: killed by us, or told to end before it could listen.
        if (worker.ExitCode is not (0 or 137 or 143)) Crashes.Add($"exit code {worker.ExitCode}");
    }

    private Process Start(int place)
    {
        WorkerSetup setup = _setup(_started++);
        _starting[place] = (setup.Ready, Stopwatch.GetTimestamp());
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [WorkerHost.Command, JsonSerializer.Serialize(setup)]) { RedirectStandardInput = true })!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
