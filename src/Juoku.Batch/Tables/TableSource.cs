using System.Collections.Immutable;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Parquet;
using Juoku.Batch.Tables.Text;

namespace Juoku.Batch.Tables;

/// <summary>
/// A table file that is open for reading. It comes in pieces (a row group, a run of lines) that can be decoded side by side by
/// different threads; pieces and the batches within a piece are in the order of the file.
/// </summary>
public abstract class TableSource : IDisposable
{
    /// <summary>The path or URL, as the caller named it.</summary>
    public required string Path { get; init; }

    /// <summary>Format of the file.</summary>
    public required TableFormat Format { get; init; }

    /// <summary>Its columns, in order.</summary>
    public required ImmutableArray<TableColumn> Columns { get; init; }

    /// <summary>Whether the column names come from the file (Parquet, or text with a header).</summary>
    public required bool HasNames { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Rows of each row group that is read; empty for text, whose rows are counted only by reading them.</summary>
    public ImmutableArray<long> RowGroups { get; init; } = [];

    /// <summary>Opens a table and reads its column names, and of Parquet the footer.</summary>
    /// <param name="input">What to read.</param>
    /// <param name="hasHeader">Whether the first line of a text file holds the column names.</param>
    /// <param name="groups">Row groups to read of a Parquet file; null for all.</param>
    /// <param name="cancellation">Stops reading, also later.</param>
    /// <exception cref="TableException">The input is not a table.</exception>
    /// <exception cref="Stores.StoreException">The input could not be read, or is no longer the object it was.</exception>
    public static TableSource Open(TableInput input, bool hasHeader, RowGroupRange? groups = null, CancellationToken cancellation = default)
    {
        TableFormat format = TableFormat.Detect(input, cancellation);
        if (format.Kind == TableKind.Parquet) return ParquetSource.Open(input, format, groups, cancellation);
        return groups is null
            ? TextSource.Open(input, format, hasHeader, cancellation)
            : throw new TableException(input.Name, "only Parquet has row groups; a text file is read whole");
    }

    /// <summary>Type of a key column, for the output.</summary>
    public abstract KeyColumn Key(int position);

    /// <summary>
    /// The pieces of the table, made while they are asked for. Each must be disposed. Enumerate once, from one thread at a time.
    /// </summary>
    public abstract IEnumerable<TablePiece> Pieces(TableSelection selection, CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A part of a table that one thread decodes, batch after batch.</summary>
public abstract class TablePiece : IDisposable
{
    /// <summary>Memory that decoding the piece takes, in bytes, beside the batch.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Bytes of the file that the piece stands for, to tell progress.</summary>
    public abstract long FileBytes { get; }

    /// <summary>Decodes the next batch.</summary>
    /// <param name="rows">Filled with the batch.</param>
    /// <param name="options">How many threads may help.</param>
    /// <returns>False when the piece is at its end.</returns>
    /// <exception cref="TableException">The file is damaged or a value is not what it should be.</exception>
    public abstract bool Read(TableRows rows, ParallelOptions options);

    /// <inheritdoc/>
    public abstract void Dispose();
}
