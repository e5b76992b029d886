using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch.Stores;

namespace Juoku.Learning.Features.Building;

/// <summary>
/// Writes the rows of a view as a day of a set: sorted by key, cut into files, then the manifest, then <c>_SUCCESS</c>. A day that was there
/// before loses its <c>_SUCCESS</c> first, so that no reader takes old files with new ones.
/// </summary>
internal sealed class FeatureDayWriter(Database database, IStore store, ScratchFolder scratch)
{
    /// <summary>Rows of a row group: what a worker takes at a time.</summary>
    private const int RowGroupRows = 122_880;

    private const string Result = "clean.result";

    /// <summary>Writes a day.</summary>
    /// <param name="view">The view, with all columns but the weight.</param>
    /// <param name="where">The file of SQL that gives it, for messages.</param>
    /// <param name="manifest">What is known of the day; files and counts are filled in.</param>
    /// <param name="rowsPerFile">Where to cut.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<FeatureManifest> WriteAsync(string view, string where, FeatureManifest manifest, int rowsPerFile, CancellationToken cancellation)
    {
        List<(string Name, string Type)> columns = database.Columns(Database.Name(view), where);
        Compare(columns, manifest, where);
        string? label = NameOf(manifest, ColumnRole.Label);
        string key = NameOf(manifest, ColumnRole.Key)!;
        try
        {
            database.Execute($"CREATE TABLE {Result} AS SELECT {string.Join(", ", manifest.Columns.Select(column => Select(column, columns, manifest)))} FROM {Database.Name(view)}{Kept(manifest, key, label)} ORDER BY {Database.Name(key)}", where);
            long rows = database.Number($"SELECT count(*) FROM {Result}");
            RequireUnique(key, rows, where);
            long? clicks = label is null ? null : database.Number($"SELECT coalesce(sum({Database.Name(label)}), 0)::BIGINT FROM {Result}");

            string folder = FeatureDays.Folder(manifest.Set, manifest.Day);
            await store.DeleteAsync(folder + FeatureDays.Success, cancellation).ConfigureAwait(false);
            ImmutableArray<FeatureFile> files = await WriteFilesAsync(folder, rows, rowsPerFile, cancellation).ConfigureAwait(false);
            await foreach (StoredObject old in store.ListAsync(folder, cancellation).ConfigureAwait(false))
                if (files.All(file => folder + file.Name != old.Key)) await store.DeleteAsync(old.Key, cancellation).ConfigureAwait(false);

            FeatureManifest complete = manifest with { Files = files, Rows = rows, Clicks = clicks };
            await FeatureDays.CompleteAsync(store, complete, cancellation).ConfigureAwait(false);
            return complete;
        }
        finally
        {
            database.Execute($"DROP TABLE IF EXISTS {Result}");
        }
    }

    private async Task<ImmutableArray<FeatureFile>> WriteFilesAsync(string folder, long rows, int rowsPerFile, CancellationToken cancellation)
    {
        var files = ImmutableArray.CreateBuilder<FeatureFile>();
        for (long first = 0; first == 0 || first < rows; first += rowsPerFile)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"part-{files.Count:D5}.parquet"), path = scratch[name];
            long count = Math.Min(rowsPerFile, rows - first);
            database.Execute(string.Create(CultureInfo.InvariantCulture,
                $"COPY (SELECT * FROM {Result} WHERE rowid >= {first} AND rowid < {first + count}) TO {Database.Quote(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {RowGroupRows})"), folder + name);
            (long length, string sha256) = await StoredFile.MoveAsync(path, store, folder + name, cancellation).ConfigureAwait(false);
            files.Add(new FeatureFile(name, count, length, sha256));
        }

        return files.ToImmutable();
    }

    /// <summary>The columns that the SQL gives and those that the set lists must be the same, whatever their order.</summary>
    private static void Compare(List<(string Name, string Type)> columns, FeatureManifest manifest, string where)
    {
        foreach (FeatureColumn column in manifest.Columns)
        {
            if (column.Role == ColumnRole.Weight) continue;
            string? type = columns.FirstOrDefault(given => given.Name == column.Name).Type
                ?? throw new FeatureException($"{where}: gives no column '{column.Name}', which the set lists; it gives {string.Join(", ", columns.Select(given => given.Name))}");
            if (column.Type == FeatureType.Numeric && !IsNumber(type)) throw new FeatureException($"{where}: column '{column.Name}' is {type}, but the set lists it as numeric");
            if (column.Role == ColumnRole.Label && !IsNumber(type)) throw new FeatureException($"{where}: the label '{column.Name}' is {type}; it must be 1 or 0");
        }

        foreach ((string name, _) in columns)
            if (manifest.Columns.All(column => column.Name != name || column.Role == ColumnRole.Weight)) throw new FeatureException($"{where}: gives a column '{name}', which the set does not list; list it with its role, or leave it out of the query");
    }

    private static string Select(FeatureColumn column, List<(string Name, string Type)> columns, FeatureManifest manifest)
    {
        string name = Database.Name(column.Name);
        if (column.Role == ColumnRole.Weight)
        {
            return manifest.NegativeRate >= 1
                ? $"1::FLOAT AS {name}"
                : string.Create(CultureInfo.InvariantCulture, $"CASE WHEN {Database.Name(NameOf(manifest, ColumnRole.Label)!)} = 1 THEN 1 ELSE 1 / {manifest.NegativeRate:R}::DOUBLE END::FLOAT AS {name}");
        }

        // Types that Parquet has no like of, or that a reader of features need not know.
        string type = columns.First(given => given.Name == column.Name).Type;
        return column.Role == ColumnRole.Label ? $"{name}::TINYINT::INTEGER AS {name}"
            : type is "HUGEINT" or "UHUGEINT" or "UBIGINT" || type.StartsWith("DECIMAL", StringComparison.Ordinal) ? (column.Role == ColumnRole.Feature ? $"{name}::DOUBLE AS {name}" : name)
            : type is "BOOLEAN" ? $"{name}::INTEGER AS {name}"
            : name;
    }

    /// <summary>Which rows without click are kept depends on their key alone: the same in every build, on every machine.</summary>
    private static string Kept(FeatureManifest manifest, string key, string? label) => manifest.NegativeRate >= 1
        ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $" WHERE {Database.Name(label!)} = 1 OR md5_number_lower({Database.Name(key)}::VARCHAR) % 1000000007 < {manifest.NegativeRate:R} * 1000000007");

    private void RequireUnique(string key, long rows, string where)
    {
        // The rows are in order of the key: equal ones are neighbours.
        long again = database.Number($"SELECT count(*) FROM (SELECT {Database.Name(key)} FROM {Result} GROUP BY ALL HAVING count(*) > 1)", where);
        if (again > 0) throw new FeatureException(string.Create(CultureInfo.InvariantCulture, $"{where}: gives {again:N0} of {rows:N0} rows' {key} more than once; a join multiplies rows"));
    }

    private static bool IsNumber(string type) => type is "FLOAT" or "DOUBLE" or "BOOLEAN" || type.EndsWith("INT", StringComparison.Ordinal) || type.EndsWith("INTEGER", StringComparison.Ordinal) || type.StartsWith("DECIMAL", StringComparison.Ordinal);

    private static string? NameOf(FeatureManifest manifest, ColumnRole role) => manifest.Columns.FirstOrDefault(column => column.Role == role)?.Name;
}
