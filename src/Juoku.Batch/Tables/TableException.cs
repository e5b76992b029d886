namespace Juoku.Batch.Tables;

/// <summary>Input that cannot be read as asked: says what is wrong, where, and what to do about it, in one line.</summary>
public sealed class TableException : Exception
{
    /// <summary>A fault of a whole file.</summary>
    public TableException(string path, string problem, Exception? cause = null)
        : base($"{path}: {OneLine(problem)}", cause)
    {
    }

    /// <summary>A fault of one line of a text file; lines count from 1.</summary>
    public TableException(string path, long line, string problem)
        : base($"{path}:{line}: {OneLine(problem)}")
    {
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
