namespace Juoku.Scaling.Kubernetes;

/// <summary>A request to Kubernetes that failed; the message says what was asked, of whom, and what to do.</summary>
/// <param name="fault">What kind of failure.</param>
/// <param name="message">One line.</param>
/// <param name="cause">What the client threw.</param>
public sealed class ClusterException(ClusterFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What kind of failure.</summary>
    public ClusterFault Fault => fault;

    /// <summary>How long the server asks to be left alone; zero where it does not.</summary>
    public TimeSpan RetryAfter { get; init; }
}

/// <summary>Kinds of failure that call for different answers.</summary>
public enum ClusterFault
{
    /// <summary>The object is not there.</summary>
    NotFound,

    /// <summary>Somebody else changed or made the object first.</summary>
    Conflict,

    /// <summary>The account lacks the right.</summary>
    Forbidden,

    /// <summary>No answer, or none that can be read: whether a write was done is not known.</summary>
    Unreachable,

    /// <summary>The server is overloaded or broken, or refuses for a reason of its own.</summary>
    Refused,

    /// <summary>There is no way to connect: the settings are missing or wrong.</summary>
    Settings,
}
