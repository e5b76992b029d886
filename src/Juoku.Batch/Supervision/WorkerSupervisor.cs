using System.Diagnostics;
using Juoku.Batch.Queues;

namespace Juoku.Batch.Supervision;

/// <summary>What a supervisor did, for people.</summary>
/// <param name="Text">One line.</param>
/// <param name="IsProblem">Whether somebody should look.</param>
public sealed record SupervisorEvent(string Text, bool IsProblem = false);

/// <summary>
/// Keeps as many worker processes as the queue is worth, and replaces those that crash. A worker is stopped by SIGTERM, after which it
/// finishes its part; the queue gives whatever a killed one held to another.
/// </summary>
/// <param name="options">How many, and how patiently.</param>
/// <param name="queue">The queue they work on.</param>
/// <param name="command">The command that starts the worker of a slot.</param>
/// <param name="events">Told what happens.</param>
/// <param name="time">The clock.</param>
public sealed class WorkerSupervisor(
    SupervisorOptions options, IQueue queue, Func<int, ProcessStartInfo> command, IProgress<SupervisorEvent> events, TimeProvider time)
{
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<TimeSpan> _asked = [];
    private readonly WorkerDemand _demand = new(options);
    private readonly RestartPause _pause = new(options);
    private readonly long _start = time.GetTimestamp();
    private bool _queueFailed;

    /// <summary>Workers that run, those that are stopping included.</summary>
    public int Running { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Supervises until cancelled; then stops every worker and returns when the last has ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        options.Validate();
        try
        {
            while (true)
            {
                QueueDepth? depth = await DepthAsync(cancellation).ConfigureAwait(false);
                Collect();
                Adjust(_demand.Wanted(depth, Now));
                await Task.Delay(options.Poll, time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to stop: the workers below are the answer.
        }
        finally
        {
            await StopAllAsync().ConfigureAwait(false);
        }
    }

    private async Task<QueueDepth?> DepthAsync(CancellationToken cancellation)
    {
        try
        {
            QueueDepth depth = await queue.CountAsync(cancellation).ConfigureAwait(false);
            _queueFailed = false;
            return depth;
        }
        catch (QueueException e)
        {
            if (!_queueFailed) events.Report(new SupervisorEvent($"the queue does not answer, so the number of workers stays as it is: {e.Message}", IsProblem: true));
            _queueFailed = true;
            return null;
        }
    }

    /// <summary>Takes note of workers that ended, and kills those that were told to and do not.</summary>
    private void Collect()
    {
        foreach (WorkerProcess worker in _workers.ToArray())
        {
            if (worker.ExitCode is not { } code)
            {
                if (worker.Stopping is { } since && Now - since > options.Grace)
                {
                    events.Report(new SupervisorEvent($"worker {worker.Slot} (process {worker.Id}) did not stop within {options.Grace.TotalSeconds:0} s and was killed", IsProblem: true));
                    worker.Kill();
                }

                continue;
            }

            _workers.Remove(worker);
            if (code != 0 && worker.Stopping is null)
            {
                _pause.Crashed(Now - worker.Started, Now);
                events.Report(new SupervisorEvent(
                    $"worker {worker.Slot} (process {worker.Id}) crashed with code {code}; the next one starts in {(_pause.Until - Now).TotalSeconds:0.#} s"
                    + (_pause.InRow > 2 ? $" after {_pause.InRow} crashes in a row: see its log" : ""), IsProblem: true));
            }

            worker.Dispose();
        }

        Running = _workers.Count;
    }

    private void Adjust(int wanted)
    {
        WorkerProcess[] active = [.. _workers.Where(worker => worker.Stopping is null)];
        for (int i = active.Length - 1; i >= wanted; i--)
        {
            active[i].Stop(Now);
            events.Report(new SupervisorEvent($"worker {active[i].Slot} is no longer needed and stops"));
        }

        // Those that are missing are asked for now and start when their delay is over; in the order of asking, the last of them not needed goes first.
        int missing = Now < _pause.Until ? 0 : Math.Max(0, wanted - active.Length);
        while (_asked.Count < missing) _asked.Add(Now + options.StartDelay);
        if (_asked.Count > missing) _asked.RemoveRange(missing, _asked.Count - missing);
        for (; _asked.Count > 0 && _asked[0] <= Now; _asked.RemoveAt(0)) StartWorker();
        Running = _workers.Count;
    }

    private void StartWorker()
    {
        int slot = Enumerable.Range(0, int.MaxValue).First(free => _workers.All(worker => worker.Slot != free));
        var worker = new WorkerProcess(slot, command(slot), Now);
        _workers.Add(worker);
        events.Report(new SupervisorEvent($"worker {slot} starts as process {worker.Id}"));
    }

    private async Task StopAllAsync()
    {
        foreach (WorkerProcess worker in _workers) worker.Stop(Now);
        while (_workers.Count > 0)
        {
            Collect();
            if (_workers.Count > 0) await Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
