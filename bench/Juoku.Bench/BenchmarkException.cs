namespace Juoku.Bench;

/// <summary>A benchmark that cannot give a figure worth believing: says why.</summary>
/// <param name="problem">What went wrong, one sentence.</param>
public sealed class BenchmarkException(string problem) : Exception(problem);
