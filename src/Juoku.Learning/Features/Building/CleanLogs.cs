using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Juoku.Batch.Stores;
using Juoku.Learning.Features.Definition;

namespace Juoku.Learning.Features.Building;

/// <summary>
/// A day of a log without its malformed and repeated rows, as a table of the schema <c>clean</c>. The malformed rows are set aside in the
/// store with the reason; which of several equal rows stays depends on their contents alone.
/// </summary>
internal sealed class CleanLogs(Database database, IStore store, SetDefinition set, LogFiles files, ScratchFolder scratch)
{
    private const string Reason = "reject_reason";

    private readonly Dictionary<(string Source, DateOnly Day), LogDay> _tables = [];

    /// <summary>A cleaned day.</summary>
    /// <param name="Table">Its table.</param>
    /// <param name="Rows">Rows of its files.</param>
    /// <param name="Duplicates">Rows left out because another like them stayed.</param>
    /// <param name="Rejects">Rows set aside, by reason.</param>
    public sealed record LogDay(string Table, long Rows, long Duplicates, ImmutableSortedDictionary<string, long> Rejects);

    /// <summary>Makes the views, named after the sources, that steps for a day read.</summary>
    public async Task ViewAsync(StepsDefinition steps, DateOnly day, CancellationToken cancellation)
    {
        foreach (ReadDefinition read in steps.Reads)
        {
            var tables = new List<string>();
            for (int offset = read.First; offset <= read.Last; offset++) tables.Add((await CleanAsync(read.Source, day.AddDays(offset), cancellation).ConfigureAwait(false)).Table);
            Point(read.Source, tables);
        }
    }

    /// <summary>Cleans a day of a source, unless that is done.</summary>
    public async Task<LogDay> CleanAsync(SourceDefinition source, DateOnly day, CancellationToken cancellation)
    {
        if (!source.ByDay) day = default;
        if (_tables.TryGetValue((source.Name, day), out LogDay? done)) return done;
        foreach (SourceDefinition asked in Asked(source)) Point(asked, [(await CleanAsync(asked, day, cancellation).ConfigureAwait(false)).Table]);
        return _tables[(source.Name, day)] = await MakeAsync(source, day, cancellation).ConfigureAwait(false);
    }

    /// <summary>Drops the tables of days before one.</summary>
    public void DropBefore(DateOnly day)
    {
        foreach (((string source, DateOnly Day) key, LogDay table) in _tables.Where(pair => pair.Key.Day != default && pair.Key.Day < day).ToArray())
        {
            database.Execute($"DROP TABLE {table.Table} CASCADE");
            _tables.Remove(key);
            foreach (StoredObject item in files.Of(set.Sources.First(source => source.Name == key.source), key.Day)) files.Drop(item);
        }
    }

    private async Task<LogDay> MakeAsync(SourceDefinition source, DateOnly day, CancellationToken cancellation)
    {
        string table = source.ByDay ? $"clean.{Database.Name($"{source.Name} {FeatureDays.Named(day)}")}" : $"clean.{Database.Name(source.Name)}";
        string where = source.ByDay ? $"{store.Url}/{source.Path}/{FeatureDays.Named(day)}" : $"{store.Url}/{source.Path}";
        IReadOnlyList<StoredObject> objects = files.Of(source, day);
        bool isEmpty = objects.Count == 0;
        var paths = new List<string>();
        foreach (StoredObject item in isEmpty ? [files.Example(source, day)] : objects)
            paths.Add(Database.Quote(await files.BringAsync(item, cancellation).ConfigureAwait(false)));

        string raw = $"(SELECT *{(source.ByDay ? $", {Database.Date(day)} AS dt" : "")} FROM read_parquet([{string.Join(", ", paths)}], hive_partitioning = false, union_by_name = true){(isEmpty ? " LIMIT 0" : "")})";
        string definition = Path.Combine(set.Folder, "set.yaml");
        List<(string Name, string Type)> columns = database.Columns(raw, where);
        RequireColumns(source, where, columns);
        string check = source.Rejects.IsEmpty ? "NULL::VARCHAR" : Cases(source);
        database.Execute($"CREATE OR REPLACE TEMP TABLE rejected AS SELECT * FROM (SELECT *, {check} AS {Reason} FROM {raw}) WHERE {Reason} IS NOT NULL", $"{definition}, rejects of {source.Name}");
        var rejects = database.Counts($"SELECT {Reason}, count(*) FROM rejected GROUP BY {Reason}").ToImmutableSortedDictionary(pair => pair.Text, pair => pair.Number);
        long rejected = rejects.Values.Sum(), rows = database.Number($"SELECT count(*) FROM {raw}", where);
        await SetAsideAsync(source, day, rejected, cancellation).ConfigureAwait(false);
        if (rejected > set.RejectLimit * rows) throw TooMany(source, day, where, rejects, rejected, rows);

        string sound = rejected == 0 ? raw : $"(SELECT * EXCLUDE ({Reason}) FROM (SELECT *, {check} AS {Reason} FROM {raw}) WHERE {Reason} IS NULL)";
        database.Execute($"CREATE TABLE {table} AS {OnlyFirst(source, sound, columns, where)}", where);
        long kept = database.Number($"SELECT count(*) FROM {table}");
        return new LogDay(table, rows, rows - rejected - kept, rejects);
    }

    /// <summary>
    /// The query for rows without those that were logged again: of rows that agree in the unique columns, the one that sorts first stays.
    /// Few do agree, and only those are sorted. A row with a null among the unique columns agrees with none.
    /// </summary>
    private string OnlyFirst(SourceDefinition source, string sound, List<(string Name, string Type)> columns, string where)
    {
        if (source.Unique.IsEmpty) return $"SELECT * FROM {sound}";
        string unique = List(source.Unique);
        database.Execute($"CREATE OR REPLACE TEMP TABLE again AS SELECT {unique} FROM {sound} GROUP BY ALL HAVING count(*) > 1", where);
        if (database.Number("SELECT count(*) FROM again") == 0) return $"SELECT * FROM {sound}";
        IEnumerable<string> order = (source.FirstBy is null ? [] : (string[])[source.FirstBy]).Concat(columns.Select(column => column.Name)).Distinct();
        return $"SELECT * FROM {sound} ANTI JOIN again USING ({unique}) UNION ALL "
            + $"SELECT * FROM {sound} SEMI JOIN again USING ({unique}) QUALIFY row_number() OVER (PARTITION BY {unique} ORDER BY {List(order)}) = 1";
    }

    private async Task SetAsideAsync(SourceDefinition source, DateOnly day, long rejected, CancellationToken cancellation)
    {
        string key = RejectsKey(source, day);
        if (rejected == 0)
        {
            await store.DeleteAsync(key, cancellation).ConfigureAwait(false);
            return;
        }

        string path = scratch["rejects.parquet"];
        database.Execute($"COPY (SELECT * FROM rejected ORDER BY ALL) TO {Database.Quote(path)} (FORMAT parquet, COMPRESSION zstd)");
        await StoredFile.MoveAsync(path, store, key, cancellation).ConfigureAwait(false);
    }

    private string RejectsKey(SourceDefinition source, DateOnly day) => source.ByDay ? $"rejects/{set.Name}/{FeatureDays.Named(day)}/{source.Name}.parquet" : $"rejects/{set.Name}/{source.Name}.parquet";

    private FeatureException TooMany(SourceDefinition source, DateOnly day, string where, ImmutableSortedDictionary<string, long> rejects, long rejected, long rows)
    {
        string reasons = string.Join(", ", rejects.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:N0}")));
        return new FeatureException(string.Create(CultureInfo.InvariantCulture,
            $"{where}: {rejected:N0} of {rows:N0} rows are malformed ({reasons}), more than the reject_limit of {set.RejectLimit:0.####} allows; they are in {RejectsKey(source, day)}"));
    }

    private void RequireColumns(SourceDefinition source, string where, List<(string Name, string Type)> columns)
    {
        foreach (string name in source.FirstBy is null ? source.Unique : source.Unique.Add(source.FirstBy))
            if (columns.All(column => column.Name != name))
                throw new FeatureException($"{where}: has no column '{name}', by which {Path.Combine(set.Folder, "set.yaml")} tells rows apart; it has {string.Join(", ", columns.Select(column => column.Name))}");
    }

    private static string Cases(SourceDefinition source)
    {
        var cases = new StringBuilder("CASE");
        foreach (RejectDefinition reject in source.Rejects) cases.Append(CultureInfo.InvariantCulture, $" WHEN ({reject.When}) THEN {Database.Quote(reject.Reason)}");
        return cases.Append(" END").ToString();
    }

    /// <summary>The sources above one that its checks name.</summary>
    private IEnumerable<SourceDefinition> Asked(SourceDefinition source) => set.Sources
        .TakeWhile(other => other != source)
        .Where(other => source.Rejects.Any(reject => Regex.IsMatch(reject.When, $@"\b{other.Name}\b")));

    private void Point(SourceDefinition source, List<string> tables) =>
        database.Execute($"CREATE OR REPLACE VIEW {Database.Name(source.Name)} AS {string.Join(" UNION ALL BY NAME ", tables.Select(table => $"SELECT * FROM {table}"))}");

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Select(Database.Name));
}
