using Juoku.Batch.Queues;
using Juoku.Batch.Stores;
using Microsoft.Extensions.Logging;

namespace Juoku.Batch.Runs.Workers;

/// <summary>
/// Takes messages from a queue and does what they say, several parts at a time, so that one is fetched and another written while the cores
/// score a third. Where one part fails, the others go on; where the stores or the queue fail, the worker pauses and tries again.
/// </summary>
public sealed class RunWorker : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CountPause = TimeSpan.FromSeconds(15);

    private readonly IQueue _queue;
    private readonly WorkerOptions _options;
    private readonly PartScoring _score;
    private readonly WorkerMeters _meters;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StorePool _pool;
    private readonly OpenRuns _runs;
    private readonly RunWatch _watch;
    private readonly SemaphoreSlim _slots;
    private readonly int _slotCount;
    private readonly StandingRuns? _standing;
    private readonly HashSet<Task> _attempts = [];
    private readonly CancellationTokenSource _giveUp = new();
    private volatile bool _isQueueDry;
    private int _faultsInARow;
    private DateTimeOffset _swept;
    private DateTimeOffset _counted;

    /// <summary>Makes a worker.</summary>
    /// <param name="adapters">Open the stores that runs name.</param>
    /// <param name="queue">Stays the caller's to dispose.</param>
    /// <param name="score">Predicts a part: <see cref="PartScorer.ScoreAsync"/>.</param>
    /// <param name="options">How to work.</param>
    /// <param name="meters">What is measured.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Gets a line for every part and every trouble.</param>
    /// <param name="pin">Pins the models of standing runs; null where there are none.</param>
    /// <exception cref="Predicting.UsageException">The options make no sense.</exception>
    public RunWorker(Adapters adapters, IQueue queue, PartScoring score, WorkerOptions options, WorkerMeters meters, TimeProvider time, ILogger log, ModelPinning? pin = null)
    {
        options.Validate();
        (_queue, _score, _options, _meters, _time, _log) = (queue, score, options, meters, time, log);
        _pool = new StorePool(adapters);
        _runs = new OpenRuns(_pool, options.Store, time);
        _watch = new RunWatch(meters, time, log);
        _slotCount = options.Slots;
        _slots = new SemaphoreSlim(_slotCount);
        if (pin is not null) _standing = new StandingRuns(_pool.Open(options.Store), _pool, queue, pin, time);
    }

    /// <summary>Whether it takes messages: it has reached its queue, and was not told to stop.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether it has anything in hand.</summary>
    public bool IsBusy => _meters.InFlight > 0;

    /// <summary>It has taken the first thing in hand, or let go of the last. Work waits for who listens, who asks <see cref="IsBusy"/>: two threads may tell of two changes.</summary>
    public event Action? BusyChanged;

    /// <summary>Works until it is told to stop, then ends or gives back what is in hand.</summary>
    /// <param name="stop">Take no new part; finish those in hand within the grace period, else give them back.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await TakeAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            IsReady = false;
            using ITimer grace = _time.CreateTimer(_ => _giveUp.Cancel(), null, _options.Grace, Timeout.InfiniteTimeSpan);
            await Task.WhenAll(Attempts()).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync().ConfigureAwait(false);
        _slots.Dispose();
        _giveUp.Dispose();
    }

    private async Task TakeAsync(CancellationToken stop)
    {
        DateTimeOffset lastMessage = _time.GetUtcNow();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await PauseAfterFaultsAsync(stop).ConfigureAwait(false);
                await _slots.WaitAsync(stop).ConfigureAwait(false);
                QueueMessage? message = null;
                try
                {
                    message = await ReceiveAsync(stop).ConfigureAwait(false);
                    if (message is null && _slots.CurrentCount == _slotCount - 1) await TidyAsync(stop).ConfigureAwait(false);
                }
                finally
                {
                    if (message is null) _slots.Release();
                }

                if (message is not null)
                {
                    lastMessage = _time.GetUtcNow();
                    Begin(message);
                }
                else if (_slots.CurrentCount < _slotCount)
                {
                    lastMessage = _time.GetUtcNow();
                }
                else if (_options.StopWhenIdle is { } idle && _time.GetUtcNow() - lastMessage >= idle)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is QueueException or StoreException)
            {
                IsReady = false;
                _faultsInARow++;
                _log.LogError("{Error}", e.Message);
            }
        }
    }

    /// <summary>The next message. The first look does not wait, so that the worker knows at once when the queue is empty.</summary>
    private async Task<QueueMessage?> ReceiveAsync(CancellationToken stop)
    {
        TimeSpan wait = _isQueueDry ? Shorter(_options.Poll, _options.StopWhenIdle) : TimeSpan.Zero;
        IReadOnlyList<QueueMessage> messages = await _queue.ReceiveAsync(1, wait, _options.Visibility, stop).ConfigureAwait(false);
        IsReady = true;
        _isQueueDry = messages.Count == 0;
        await CountAsync(stop).ConfigureAwait(false);
        return messages.Count > 0 ? messages[0] : null;
    }

    private void Begin(QueueMessage message)
    {
        if (_meters.Begin() == 1) BusyChanged?.Invoke();
        Task attempt = Task.Run(() => HandleAsync(message), CancellationToken.None);
        lock (_attempts) _attempts.Add(attempt);
        _ = attempt.ContinueWith(done =>
        {
            lock (_attempts) _attempts.Remove(done);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private Task[] Attempts()
    {
        lock (_attempts) return [.. _attempts];
    }

    /// <summary>Does what a message says. Never throws: what went wrong is logged, and the message comes back.</summary>
    private async Task HandleAsync(QueueMessage message)
    {
        try
        {
            await (RunMessage.Read(message.Body) switch
            {
                RunMessage.Part part => HandlePartAsync(part.Message, message),
                RunMessage.Created created => HandleArrivalsAsync(created.Objects, message),
                RunMessage.Idle idle => CompleteAsync(message, idle.What),
                RunMessage.Foreign foreign => RefuseAsync(message, foreign.Reason),
                _ => throw new InvalidOperationException("A message of no known kind."),
            }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await GiveBackAsync(message, e).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
            if (_meters.End() == 0) BusyChanged?.Invoke();
        }
    }

    /// <summary>Objects were created: makes the runs that stand for them. An event that is handled twice makes the same runs.</summary>
    private async Task HandleArrivalsAsync(IReadOnlyList<CreatedObject> objects, QueueMessage message)
    {
        foreach (CreatedObject created in objects)
        {
            Arrival? arrival = _standing is null ? null : await _standing.AcceptAsync(created, _giveUp.Token).ConfigureAwait(false);
            if (arrival is null)
            {
                await RefuseAsync(message, $"no standing run watches s3://{created.Bucket}/{created.Key}; 'juoku run submit --standing' makes one").ConfigureAwait(false);
                return;
            }

            if (arrival.Run is not null) _log.LogInformation("s3://{Bucket}/{Key} is there: run {Run}", created.Bucket, created.Key, arrival.Run);
        }

        await CompleteAsync(message, null).ConfigureAwait(false);
    }

    private async Task HandlePartAsync(PartMessage message, QueueMessage delivery)
    {
        CancellationToken giveUp = _giveUp.Token;
        using IDisposable? scope = _log.BeginScope(new Dictionary<string, object> { ["Run"] = message.Run, ["Part"] = message.Part });
        RunRecords? run;
        try
        {
            run = await _runs.FindAsync(message.Store, message.Run, giveUp).ConfigureAwait(false);
        }
        catch (AddressException e)
        {
            await RefuseAsync(delivery, e.Message).ConfigureAwait(false);
            return;
        }

        if (run is null)
        {
            await RefuseAsync(delivery, $"there is no run '{message.Run}' in {message.Store ?? _options.Store}").ConfigureAwait(false);
            return;
        }

        if (message.Part >= run.Parts.Count)
        {
            await RefuseAsync(delivery, $"run {message.Run} has {run.Parts.Count} parts, counted from 0, and none of number {message.Part}").ConfigureAwait(false);
            return;
        }

        string? burial;
        int others;
        _watch.Take(run);
        try
        {
            burial = await SettlePartAsync(run, message, delivery, giveUp).ConfigureAwait(false);
        }
        finally
        {
            others = _watch.Leave(run);
        }

        // Before the message goes: whoever dies between the last receipt and the end of the run leaves a message that brings the next one here.
        // With the last one of an empty queue every run is looked at that may have ended meanwhile: nobody may come by later.
        bool isLast = _isQueueDry && others == 0;
        foreach (RunRecords open in isLast ? _watch.Unsettled : [run]) await _watch.LookAsync(open, isLast, giveUp).ConfigureAwait(false);
        if (burial is null) await CompleteAsync(delivery, null).ConfigureAwait(false);
        else await RefuseAsync(delivery, burial).ConfigureAwait(false);
        Volatile.Write(ref _faultsInARow, 0);
    }

    /// <summary>Sees to it that a part has a receipt, where that is asked for; tells why it was buried, if it was.</summary>
    private async Task<string?> SettlePartAsync(RunRecords run, PartMessage message, QueueMessage delivery, CancellationToken giveUp)
    {
        var attempt = new PartAttempt(run, run.Parts[message.Part], message, delivery, _options, _time, _log);
        PartReceipt? seen = (await run.FindReceiptAsync(message.Part, giveUp).ConfigureAwait(false))?.Receipt;
        bool isCancelled = seen is not { IsFinal: true } && await _runs.IsCancelledAsync(run, giveUp).ConfigureAwait(false);
        string? reason = null;
        switch (PartProtocol.OnMessage(message.Generation, delivery.Receives, _options.MaxReceives, message.Faults, _options.MaxFaults, seen, isCancelled))
        {
            case PartAction.Work:
                await using (VisibilityLease.Start(_queue, delivery, _options.Visibility, _time, _log))
                {
                    Commit(run, await attempt.RunAsync(_score, giveUp).ConfigureAwait(false));
                }

                break;
            case PartAction.Bury:
                reason = message.Faults >= _options.MaxFaults
                    ? $"failed {message.Faults} times although nothing is known to be wrong with it; 'juoku run retry {message.Run}' tries again"
                    : $"its message was received {delivery.Receives - 1} times, and no worker lived to finish it (out of memory?); 'juoku run retry {message.Run}' tries again";
                _log.LogError("dead: {Reason}", reason);
                Commit(run, await attempt.BuryAsync(reason, giveUp).ConfigureAwait(false));
                break;
            case PartAction.Complete:
                break;
        }

        return reason;
    }

    private void Commit(RunRecords run, PartReceipt? receipt)
    {
        _watch.Committed(run);
        if (receipt is not null) _meters.Committed(run.Plan, run.Parts[receipt.Part], receipt);
    }

    private async Task CompleteAsync(QueueMessage message, string? what)
    {
        if (what is not null) _log.LogInformation("nothing to do: {What}", what);
        await _queue.CompleteAsync(message, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task RefuseAsync(QueueMessage message, string reason)
    {
        _log.LogWarning("to the dead letters: {Reason}", reason);
        await _queue.DeadLetterAsync(message, reason, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Gives a message back after a fault that is not the part's, or because the worker has to stop.</summary>
    private async Task GiveBackAsync(QueueMessage message, Exception cause)
    {
        bool isStopping = _giveUp.IsCancellationRequested && cause is OperationCanceledException;
        if (!isStopping) Interlocked.Increment(ref _faultsInARow);
        _meters.Retried(isStopping ? "stop" : "fault");
        if (isStopping) _log.LogInformation("given back: the worker has to stop");
        else if (cause is StoreException or QueueException or IOException) _log.LogError("given back: {Error}", cause.Message);
        else _log.LogError(cause, "given back: {Error}", cause.Message);
        try
        {
            if (!isStopping && message.Receives >= _options.MaxReceives && RunMessage.Read(message.Body) is RunMessage.Part(var part))
            {
                // A fresh message instead: what happens to be down now must not count as a part that kills workers.
                await _queue.SendAsync([(part with { Faults = part.Faults + message.Receives }).Body()], CancellationToken.None).ConfigureAwait(false);
                await _queue.CompleteAsync(message, CancellationToken.None).ConfigureAwait(false);
                return;
            }

            TimeSpan delay = isStopping ? TimeSpan.Zero : Backoff(message.Receives);
            await _queue.AbandonAsync(message, delay, CancellationToken.None).ConfigureAwait(false);
        }
        catch (QueueException e)
        {
            _log.LogError("cannot give the message back, it will come back by itself: {Error}", e.Message);
        }
    }

    /// <summary>Half a second, doubled each time, up to half a minute; a random half of it off, so that workers do not come back together.</summary>
    private static TimeSpan Backoff(int times) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.5 * Math.Pow(2, Math.Min(10, times))) * (0.5 + Random.Shared.NextDouble() / 2));

    private async Task PauseAfterFaultsAsync(CancellationToken stop)
    {
        int faults = Volatile.Read(ref _faultsInARow);
        if (faults > 0) await Task.Delay(Backoff(faults - 1), _time, stop).ConfigureAwait(false);
    }

    /// <summary>With nothing in hand and nothing to take: finishes runs that are complete, ours and those that others left behind.</summary>
    private async Task TidyAsync(CancellationToken stop)
    {
        foreach (RunRecords run in _watch.Unsettled) await _watch.LookAsync(run, now: true, stop).ConfigureAwait(false);
        if (_time.GetUtcNow() - _swept < SweepPause) return;
        _swept = _time.GetUtcNow();
        await foreach (string name in RunObserver.OpenNamesAsync(_pool.Open(_options.Store), stop).ConfigureAwait(false))
        {
            RunRecords? run = await _runs.FindAsync(null, name, stop).ConfigureAwait(false);
            if (run is not null) await _watch.LookAsync(run, now: false, stop).ConfigureAwait(false);
        }
    }

    private async Task CountAsync(CancellationToken stop)
    {
        if (_time.GetUtcNow() - _counted < CountPause) return;
        _counted = _time.GetUtcNow();
        try
        {
            _meters.Counted(await _queue.CountAsync(stop).ConfigureAwait(false));
        }
        catch (QueueException e)
        {
            _log.LogWarning("cannot count the messages: {Error}", e.Message);
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan? b) => b is { } other && other < a ? other : a;
}
