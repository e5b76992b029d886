using System.Globalization;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Learning.Features;
using Juoku.Learning.Training;

namespace Juoku.Learning.Evaluation;

/// <summary>
/// The probabilities that clicks were drawn from, kept apart by <c>juoku generate</c>: <c>truth/dt=‹day›/*.parquet</c> with <c>impression_id</c> and
/// <c>probability</c>. Only generated data has them; nothing but evaluation reads them. One day at a time is in memory.
/// </summary>
public sealed class TruthFiles
{
    private const string Key = "impression_id";
    private const string Probability = "probability";

    private readonly IStore _store;
    private readonly Dictionary<DateOnly, List<string>> _files;
    private readonly Dictionary<long, double> _probabilities = [];

    private TruthFiles(IStore store, Dictionary<DateOnly, List<string>> files) => (_store, _files) = (store, files);

    /// <summary>The column of the feature set that says which impression a row is.</summary>
    public string KeyColumn => Key;

    /// <summary>Finds the truth of days; null where a day has none, or the set does not say which impression a row is.</summary>
    public static async Task<TruthFiles?> FindAsync(IStore store, FeatureRange set, CancellationToken cancellation)
    {
        // Only what lies in a folder is read: generated data does.
        if (store is not FileStore folder || set.Of(ColumnRole.Key).All(column => column.Name != Key)) return null;
        var files = new Dictionary<DateOnly, List<string>>();
        foreach (FeatureDay day in set.All)
        {
            var parts = new List<string>();
            await foreach (StoredObject item in store.ListAsync(string.Create(CultureInfo.InvariantCulture, $"truth/dt={day.Date:yyyy-MM-dd}/"), cancellation).ConfigureAwait(false))
                if (item.Key.EndsWith(".parquet", StringComparison.Ordinal)) parts.Add(folder.PathTo(item.Key));
            if (parts.Count == 0) return null;
            files[day.Date] = parts;
        }

        return new TruthFiles(store, files);
    }

    /// <summary>Turns to a day.</summary>
    /// <exception cref="TableException">A file is damaged.</exception>
    public void Load(DateOnly day, CancellationToken cancellation)
    {
        _probabilities.Clear();
        var rows = new TableRows(1, FeatureReader.BatchRows) { Keys = [new KeyBuffer<long>(FeatureReader.BatchRows)] };
        var alone = new ParallelOptions { MaxDegreeOfParallelism = 1 };
        foreach (string path in _files[day])
        {
            using TableSource table = TableSource.Open(TableInput.Of(path), hasHeader: true);
            int key = Position(table, Key), probability = Position(table, Probability);
            foreach (TablePiece piece in table.Pieces(new TableSelection([new NumberSelection(probability)], [key]), cancellation))
            {
                using (piece)
                {
                    while (piece.Read(rows, alone))
                    {
                        ReadOnlySpan<long> ids = ((KeyBuffer<long>)rows.Keys[0]).Values;
                        for (int row = 0; row < ids.Length; row++) _probabilities[ids[row]] = rows.Numbers[0][row];
                    }
                }
            }
        }
    }

    /// <summary>The truth of impressions; NaN where it is not known.</summary>
    public void Copy(KeyBuffer impressions, Span<double> truth)
    {
        ReadOnlySpan<long> ids = impressions is KeyBuffer<long> longs
            ? longs.Values
            : throw new TableException(_store.Url, $"the column '{Key}' of the feature set is no int64, as that of the truth is");
        int next = 0;
        for (int row = 0; row < truth.Length; row++)
            truth[row] = impressions.Present[row] != 0 && _probabilities.TryGetValue(ids[next++], out double probability) ? probability : double.NaN;
    }

    private static int Position(TableSource table, string name)
    {
        for (int i = 0; i < table.Columns.Length; i++)
            if (table.Columns[i].Name == name) return i;
        throw new TableException(table.Path, $"no column '{name}'; is this a file of juoku generate?");
    }
}
