namespace Juoku.Forest;

/// <summary>A model that cannot be read: says what is wrong, where, and what to do about it.</summary>
/// <param name="source">Name of the file or stream.</param>
/// <param name="line">Line of the fault, from 1; 0 when no line is to blame.</param>
/// <param name="problem">What is wrong and what to do, one sentence.</param>
public sealed class ModelFormatException(string source, int line, string problem)
    : Exception(line > 0 ? $"{source}:{line}: {problem}" : $"{source}: {problem}")
{
    /// <summary>Line of the fault, from 1; 0 when no line is to blame.</summary>
    public int Line { get; } = line;
}
