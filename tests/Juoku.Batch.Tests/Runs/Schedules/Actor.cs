namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>
/// A worker or a person at work on the world: real code, whose every call to a port parks until the schedule lets it go on. It counts the
/// threads that run its code at the moment, wherever that code hops to: it is at rest when there are none and it has a call parked or ended.
/// </summary>
internal sealed class Actor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly AsyncLocal<Actor?> Inside = new(change =>
    {
        change.PreviousValue?.Count(-1);
        change.CurrentValue?.Count(1);
    });

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly List<Call> _parked = [];
    private int _running;
    private bool _ended;

    public Actor(string name)
    {
        Name = name;
        Time = new ActorTime(this);
    }

    public string Name { get; }

    /// <summary>Its clock.</summary>
    public ActorTime Time { get; }

    /// <summary>What it ended with, other than well.</summary>
    public Exception? Fault { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>Its calls that wait, in an order that does not depend on threads.</summary>
    public IReadOnlyList<Call> Parked
    {
        get
        {
            lock (_lock) return IsDead ? [] : [.. _parked.OrderBy(call => call.What, StringComparer.Ordinal)];
        }
    }

    /// <summary>Begins.</summary>
    public void Start(Func<Task> body) => ExecutionContext.Run(ExecutionContext.Capture()!, _ =>
    {
        Inside.Value = this;
        _ = RunAsync(body);
    }, null);

    /// <summary>Makes a call: parks it until the schedule decides.</summary>
    public async Task<T> CallAsync<T>(string what, CallKind kind, Func<T> effect, Func<string, Exception> fault, CancellationToken cancellation)
    {
        var call = new Call(this, what, kind, () => effect(), fault, cancellation);
        lock (_lock) _parked.Add(call);
        return (T)(await call.Answered.ConfigureAwait(false))!;
    }

    /// <summary>A call goes on with an answer.</summary>
    public void Release(Call call, Action answer)
    {
        lock (_lock) _parked.Remove(call);
        answer();
        Settle();
    }

    /// <summary>Dies where it stands: nothing of it goes on.</summary>
    public void Die() => IsDead = true;

    /// <summary>Waits until it is at rest. Pauses of its own are over at once; which calls overlap is the schedule's business, not time's.</summary>
    public void Settle()
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Time.FirePauses();
            lock (_lock)
            {
                if (_running == 0 && !Time.HasPauses && (_parked.Count > 0 || _ended)) return;
            }

            _changed.Wait(20);
            if (TimeProvider.System.GetElapsedTime(start) > Patience) throw new InvalidOperationException($"{Name} neither waits for anything nor ends.");
        }
    }

    private async Task RunAsync(Func<Task> body)
    {
        try
        {
            await body().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fault = e;
        }
        finally
        {
            lock (_lock) _ended = true;
        }
    }

    private void Count(int change)
    {
        lock (_lock) _running += change;
        if (change < 0) _changed.Release();
    }
}

/// <summary>What a call does to the world, which says what can go wrong with it.</summary>
internal enum CallKind
{
    /// <summary>Nothing.</summary>
    Read,

    /// <summary>Something.</summary>
    Write,
}

/// <summary>A call that waits for the schedule.</summary>
internal sealed class Call(Actor actor, string what, CallKind kind, Func<object?> effect, Func<string, Exception> fault, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<object?> _answer = new(); // what follows runs at once, on the schedule's own thread

    public Actor Actor => actor;

    public string What => what;

    public CallKind Kind => kind;

    public Task<object?> Answered => _answer.Task;

    /// <summary>Takes effect and is answered.</summary>
    public string Answer()
    {
        if (cancellation.IsCancellationRequested)
        {
            actor.Release(this, () => _answer.SetCanceled(cancellation));
            return "cancelled";
        }

        object? result = effect();
        actor.Release(this, () => _answer.SetResult(result));
        return result switch
        {
            null => "none",
            bool done => done ? "yes" : "no",
            _ => "done",
        };
    }

    /// <summary>Takes effect twice, as when something below retried it; the second answer is heard.</summary>
    public void Echo()
    {
        effect();
        Answer();
    }

    /// <summary>Takes effect; nobody hears of it.</summary>
    public void TakeEffect() => effect();

    /// <summary>Fails.</summary>
    public void Fail() => actor.Release(this, () => _answer.SetException(fault("the schedule failed the call")));
}
