namespace Juoku.Batch.Tests.Queues;

/// <summary>A clock that stands until it is set forward; timers go by the real one.</summary>
internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    public void Advance(TimeSpan span) => _now += span;

    public override DateTimeOffset GetUtcNow() => _now;
}
