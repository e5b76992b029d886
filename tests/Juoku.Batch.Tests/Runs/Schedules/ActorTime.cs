namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>The clock of an actor: moved by the schedule alone. Short timers are pauses after faults, over as soon as all else rests; long ones never fire.</summary>
internal sealed class ActorTime(Actor actor) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 4, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly List<Pause> _pauses = [];
    private readonly Lock _lock = new();
    private long _ticks;

    public bool HasPauses
    {
        get
        {
            lock (_lock) return _pauses.Count > 0;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(Interlocked.Read(ref _ticks));

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var pause = new Pause(this, () => callback(state));
        if (dueTime >= TimeSpan.Zero && dueTime < LongestPause)
        {
            lock (_lock) _pauses.Add(pause);
        }

        return pause;
    }

    public void FirePauses()
    {
        Pause[] due;
        lock (_lock)
        {
            due = [.. _pauses];
            _pauses.Clear();
        }

        if (actor.IsDead) return;
        foreach (Pause pause in due) pause.Fire();
    }

    private sealed class Pause(ActorTime time, Action fire) : ITimer
    {
        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
            lock (time._lock) time._pauses.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
