using System.Collections.Immutable;

namespace Juoku.Batch.Tables.Writing;

/// <summary>What an output file holds.</summary>
/// <param name="Name">The path or URL it goes to, for messages.</param>
/// <param name="Format">Its format.</param>
/// <param name="Keys">Key columns, first.</param>
/// <param name="Scores">Names of the score columns, after the keys.</param>
/// <param name="WritesHeader">Whether a text file begins with the column names.</param>
public sealed record OutputTable(string Name, TableFormat Format, ImmutableArray<KeyColumn> Keys, ImmutableArray<string> Scores, bool WritesHeader)
{
    /// <summary>How scores are stored.</summary>
    public ScoreType ScoreType { get; init; } = ScoreType.Double;
}

/// <summary>How scores are stored.</summary>
public enum ScoreType
{
    /// <summary>As they are computed.</summary>
    Double,

    /// <summary>Rounded to the nearest float: half the size, seven digits.</summary>
    Float,
}

/// <summary>
/// Writes one output table into a stream of the caller's, who makes it appear once it is complete. The bytes depend on the batches that are
/// written, not on when or by how many threads they were made.
/// </summary>
public abstract class TableWriter : IDisposable
{
    /// <summary>Refuses a table that its format cannot hold.</summary>
    /// <exception cref="OutputException">A key has no form in the output's format, or two columns have one name.</exception>
    public static void Check(OutputTable table)
    {
        foreach (string name in table.Keys.Select(key => key.Name).Concat(table.Scores).GroupBy(name => name).Where(g => g.Count() > 1).Select(g => g.Key))
            throw new OutputException(table.Name, $"two columns would be called '{name}'; leave that key out, or rename it in the input");
        if (table.Format.Kind != TableKind.Parquet) _ = TextRows.KeyTexts(table);
    }

    /// <summary>Begins to write.</summary>
    /// <param name="table">What.</param>
    /// <param name="stream">Where to; left open.</param>
    /// <exception cref="OutputException">The table is one that <see cref="Check"/> refuses, or cannot be written.</exception>
    public static TableWriter Create(OutputTable table, Stream stream)
    {
        Check(table);
        return table.Format.Kind == TableKind.Parquet ? new ParquetTableWriter(table, stream) : new TextTableWriter(table, stream);
    }

    /// <summary>Writes a batch; batches come in the order of their rows.</summary>
    public abstract void Write(OutputRows rows);

    /// <summary>Writes the end: a footer, or what a compressor holds back.</summary>
    public abstract void Complete();

    /// <summary>Ends writing. What was not completed is no table.</summary>
    public abstract void Dispose();
}
