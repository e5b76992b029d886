namespace Juoku.Tests.Servers;

/// <summary>What a test does to a request.</summary>
internal abstract record ApiFault
{
    private ApiFault()
    {
    }

    /// <summary>The connection breaks before anything was done.</summary>
    public sealed record Drop : ApiFault;

    /// <summary>It is done, then the connection breaks.</summary>
    public sealed record LoseAnswer : ApiFault;

    /// <summary>It waits before it is done; a client that goes away meanwhile does not take it back.</summary>
    public sealed record Delay(TimeSpan Time) : ApiFault;

    /// <summary>It waits until it is let go, then it is done.</summary>
    public sealed record Hold(Task Until) : ApiFault;

    /// <summary>It is refused, as by a server that is overloaded or broken.</summary>
    public sealed record Refuse(int Code, int? RetryAfterSeconds = null) : ApiFault;
}
