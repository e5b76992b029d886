namespace Juoku.Batch.Tables.Writing;

/// <summary>Output that cannot be written: says where, why, and what to do about it, in one line.</summary>
public sealed class OutputException(string path, string problem, Exception? cause = null)
    : Exception($"{path}: {problem.ReplaceLineEndings(" ").Trim()}", cause);
