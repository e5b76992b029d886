using System.Collections.Immutable;

namespace Juoku.Batch.Tables.Writing;

/// <summary>What an output file holds.</summary>
/// <param name="Path">Where it goes.</param>
/// <param name="Format">Its format.</param>
/// <param name="Keys">Key columns, first.</param>
/// <param name="Scores">Names of the score columns, after the keys.</param>
/// <param name="WritesHeader">Whether a text file begins with the column names.</param>
public sealed record OutputTable(string Path, TableFormat Format, ImmutableArray<KeyColumn> Keys, ImmutableArray<string> Scores, bool WritesHeader);

/// <summary>Writes one output table, which appears when it is complete.</summary>
public abstract class TableWriter : IDisposable
{
    /// <summary>Starts a file.</summary>
    /// <exception cref="OutputException">The place cannot be written, or a key has no form in the output's format.</exception>
    public static TableWriter Create(OutputTable table)
    {
        foreach (string name in table.Keys.Select(key => key.Name).Concat(table.Scores).GroupBy(name => name).Where(g => g.Count() > 1).Select(g => g.Key))
            throw new OutputException(table.Path, $"two columns would be called '{name}'; leave that key out, or rename it in the input");
        return table.Format.Kind == TableKind.Parquet ? new ParquetTableWriter(table) : new TextTableWriter(table);
    }

    /// <summary>Writes a batch; batches come in the order of their rows.</summary>
    public abstract void Write(OutputRows rows);

    /// <summary>Finishes the file and makes it appear.</summary>
    public abstract void Complete();

    /// <summary>Ends writing; a file that was not completed is removed.</summary>
    public abstract void Dispose();
}
