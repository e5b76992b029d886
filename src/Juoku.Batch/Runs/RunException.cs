namespace Juoku.Batch.Runs;

/// <summary>A run cannot be handled as asked: says which, why, and what to do, in one line.</summary>
public sealed class RunException(string message, Exception? cause = null) : Exception(message, cause);
