namespace Juoku.Batch.Predicting;

/// <summary>A command that asks for something contradictory or unsafe: says what, and what to do instead.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>Something that was named and is not there.</summary>
public sealed class NotFoundException(string message) : Exception(message);
