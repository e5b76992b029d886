namespace Juoku.Scaling.Kubernetes;

/// <summary>Times of leases and events, as the server can read them.</summary>
internal static class MicroTime
{
    /// <summary>
    /// The time, moved on by a microsecond where it is a whole second: the client writes that without a fraction, and the server takes these fields with
    /// six digits of it or not at all.
    /// </summary>
    public static DateTime Of(DateTimeOffset time)
    {
        DateTime utc = time.UtcDateTime;
        return utc.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond ? utc.AddMicroseconds(1) : utc;
    }
}
