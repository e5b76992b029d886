namespace Juoku.Scaling.Tests;

/// <summary>A clock that stands until it is set forward; timers go by the real one.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset _now = now;

    public void Advance(TimeSpan span) => _now += span;

    public override DateTimeOffset GetUtcNow() => _now;
}
