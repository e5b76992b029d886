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
        : base($"{path}:{line}: {OneLine(problem)}") => Row = line;

    /// <summary>Row group of a Parquet file, where known.</summary>
    public int? RowGroup { get; init; }

    /// <summary>Name of the column, where known.</summary>
    public string? Column { get; init; }

    /// <summary>Line of a text file, from 1, or row of a Parquet file, from 0, where known.</summary>
    public long? Row { get; init; }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
