namespace Juoku.Scaling;

/// <summary>A trace, a price table or a plan that cannot be used; the message says what, where, and what to do.</summary>
public sealed class ScalingException(string message) : Exception(message);
