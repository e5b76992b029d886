using System.Collections.Immutable;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Learning.Training;

/// <summary>Columns to read from the days of a feature set.</summary>
/// <param name="Numbers">Columns read as numbers; categories become codes.</param>
/// <param name="Keys">Columns read as they are.</param>
public sealed record FeatureSelection(ImmutableArray<SelectedNumber> Numbers, ImmutableArray<string> Keys);

/// <summary>A column read as numbers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Codes">Codes of its categories; null for plain numbers.</param>
public sealed record SelectedNumber(string Name, CategoryCodes? Codes = null);

/// <summary>A run of rows of one day. Its buffers are reused: done with when the next one is asked for.</summary>
/// <param name="Path">File that the rows are from.</param>
/// <param name="Day">Index of the day among those read.</param>
/// <param name="FirstRow">Place of the first row among all rows read.</param>
/// <param name="Rows">The values, in the order of the selection.</param>
/// <param name="KeyColumns">Types of the keys.</param>
public sealed record FeatureBatch(string Path, int Day, long FirstRow, TableRows Rows, ImmutableArray<KeyColumn> KeyColumns)
{
    /// <summary>Number of rows.</summary>
    public int Count => Rows.Count;
}

/// <summary>Reads the rows of days in order: day by day, file by file, row group by row group. Threads help with the columns of a batch.</summary>
public sealed class FeatureReader
{
    /// <summary>Most rows of a batch.</summary>
    public const int BatchRows = 1 << 14;

    private readonly ImmutableArray<FeatureDay> _days;
    private readonly ParallelOptions _parallel;

    /// <summary>A reader of some days.</summary>
    public FeatureReader(ImmutableArray<FeatureDay> days, int threads) => (_days, _parallel) = (days, new ParallelOptions { MaxDegreeOfParallelism = threads });

    /// <summary>Rows of the days, by their manifests; <see cref="Read"/> gives exactly as many or fails.</summary>
    public long RowCount => _days.Sum(day => day.Manifest.Rows);

    /// <summary>Reads.</summary>
    /// <exception cref="TableException">A file is damaged, lacks a column, or has not as many rows as the day's manifest says.</exception>
    public IEnumerable<FeatureBatch> Read(FeatureSelection selection, CancellationToken cancellation)
    {
        var rows = new TableRows(selection.Numbers.Length, BatchRows);
        ImmutableArray<KeyColumn> types = default;
        long at = 0;
        for (int day = 0; day < _days.Length; day++)
        {
            for (int file = 0; file < _days[day].Files.Length; file++)
            {
                string path = _days[day].Files[file];
                long before = at;
                using TableSource table = TableSource.Open(TableInput.Of(path), hasHeader: true);
                TableSelection columns = Find(table, selection);
                ImmutableArray<KeyColumn> keys = [.. columns.Keys.Select(table.Key)];
                if (types.IsDefault || !keys.Zip(types).All(pair => pair.First.SameTypeAs(pair.Second))) rows.Keys = [.. keys.Select(key => key.NewBuffer(BatchRows))];
                types = keys;
                foreach (TablePiece piece in table.Pieces(columns, cancellation))
                {
                    using (piece)
                    {
                        while (piece.Read(rows, _parallel))
                        {
                            cancellation.ThrowIfCancellationRequested();
                            yield return new FeatureBatch(path, day, at, rows, keys);
                            at += rows.Count;
                        }
                    }
                }

                long expected = _days[day].Manifest.Files[file].Rows;
                if (at - before != expected) throw new TableException(path, $"has {at - before} rows, {expected} by the day's manifest; build the day again");
            }
        }
    }

    private static TableSelection Find(TableSource table, FeatureSelection selection)
    {
        Dictionary<string, int> positions = [];
        for (int i = 0; i < table.Columns.Length; i++) positions.TryAdd(table.Columns[i].Name, i);
        int Position(string name) => positions.TryGetValue(name, out int position)
            ? position
            : throw new TableException(table.Path, $"no column '{name}', which the set's manifest names; build the day again");

        foreach (SelectedNumber number in selection.Numbers)
        {
            TableColumn column = table.Columns[Position(number.Name)];
            if (column.Content == ColumnContent.Other || column.Content == ColumnContent.Strings && number.Codes is null)
                throw new TableException(table.Path, $"column '{column.Name}' is {column.TypeName}; a number is needed");
        }

        return new TableSelection(
            [.. selection.Numbers.Select(number => new NumberSelection(Position(number.Name), number.Codes))], [.. selection.Keys.Select(Position)]);
    }
}
