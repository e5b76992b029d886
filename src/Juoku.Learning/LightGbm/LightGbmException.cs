namespace Juoku.Learning.LightGbm;

/// <summary>A call into LightGBM that failed: names the call and carries LightGBM's own words.</summary>
/// <param name="call">Native function that failed.</param>
/// <param name="reason">What LightGBM said.</param>
public sealed class LightGbmException(string call, string reason) : Exception($"{call}: {reason}")
{
    /// <summary>Native function that failed.</summary>
    public string Call { get; } = call;

    /// <summary>What LightGBM said.</summary>
    public string Reason { get; } = reason;
}

/// <summary>LightGBM's native library cannot be used on this machine: says why and what to do.</summary>
/// <param name="problem">What is missing and how to get it.</param>
/// <param name="inner">The loader's own error, where there is one.</param>
public sealed class LightGbmUnavailableException(string problem, Exception? inner = null) : Exception(problem, inner);
