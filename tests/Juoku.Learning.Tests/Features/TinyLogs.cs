using DuckDB.NET.Data;
using Juoku.Batch.Stores;
using Juoku.Learning.Features;

namespace Juoku.Learning.Tests.Features;

/// <summary>A store of a test's own, whose logs are written as SQL; one user, one ad, one site unless told otherwise.</summary>
internal sealed class TinyLogs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-features-tests-");

    public TinyLogs()
    {
        Store = FileStore.Open(Path.Combine(_folder.FullName, "data"));
        Write("logs/users/part-00000.parquet", "SELECT 1::BIGINT AS user_id, 30 AS age, 'f' AS gender, 'kanto' AS region, 'aozora' AS carrier, 'ios' AS device, 'games' AS interest_1, 'food' AS interest_2, 'cars' AS interest_3");
    }

    public FileStore Store { get; }

    /// <summary>Writes a file of logs: what a query gives.</summary>
    public void Write(string key, string query)
    {
        string path = Store.PathTo(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"COPY ({query}) TO '{path}' (FORMAT parquet)";
        command.ExecuteNonQuery();
    }

    /// <summary>Writes a day: its ad, impressions as (id, user, time), and clicks as (impression, time, arrival).</summary>
    public void Day(string day, string impressions, string clicks = "")
    {
        Write($"logs/ads/dt={day}/part-00000.parquet", "SELECT 1 AS ad_id, 5 AS advertiser_id, 'games' AS category, '320x50' AS size, 100.0::DOUBLE AS bid, TIMESTAMP '2026-10-01' AS first_shown");
        Write($"logs/impressions/dt={day}/part-00000.parquet",
            $"SELECT id::BIGINT AS impression_id, time::TIMESTAMP AS event_time, person::BIGINT AS user_id, 1 AS ad_id, 'daily-games.example' AS site, 1 AS position FROM (VALUES {impressions}) AS t(id, person, time)");
        Clicks(day, clicks);
    }

    public void Clicks(string day, string clicks) => Write($"logs/clicks/dt={day}/part-00000.parquet",
        $"SELECT id::BIGINT AS impression_id, 1::BIGINT AS user_id, 1 AS ad_id, time::TIMESTAMP AS click_time, arrived::TIMESTAMP AS arrived_at FROM (VALUES {(clicks.Length == 0 ? "(0, '2026-01-01', '2026-01-01')" : clicks)}) AS t(id, time, arrived){(clicks.Length == 0 ? " WHERE false" : "")}");

    /// <summary>Writes a set's definition; returns its folder.</summary>
    public string Define(string yaml, params (string Name, string Text)[] sql)
    {
        string folder = _folder.CreateSubdirectory("set").FullName;
        File.WriteAllText(Path.Combine(folder, "set.yaml"), yaml);
        foreach ((string name, string text) in sql) File.WriteAllText(Path.Combine(folder, name + ".sql"), text);
        return folder;
    }

    public Task<FeatureSummary> BuildAsync(string day, string? to = null, string? definition = null, string set = "ctr", long memory = 1 << 30, int threads = 2) => FeatureBuild.RunAsync(
        Store,
        new FeatureOptions
        {
            Set = set,
            Day = DateOnly.Parse(day),
            To = to is null ? null : DateOnly.Parse(to),
            Definition = definition,
            MemoryBytes = memory,
            Threads = threads,
            Scratch = _folder.CreateSubdirectory("scratch").FullName,
        },
        cancellation: TestContext.Current.CancellationToken);

    /// <summary>Rows of a Parquet file of the store, by column, in the file's order.</summary>
    public List<Dictionary<string, object?>> Read(string key, string columns = "*")
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {columns} FROM read_parquet('{Store.PathTo(key)}', hive_partitioning = false)";
        using DuckDBDataReader reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, object?>>();
        while (reader.Read())
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i)));
        return rows;
    }

    /// <summary>The rows of a day of features.</summary>
    public List<Dictionary<string, object?>> Features(string day, string set = "ctr") => Read($"features/{set}/dt={day}/part-00000.parquet");

    /// <summary>Every file below a folder of the store, with its bytes.</summary>
    public Dictionary<string, byte[]> Files(string folder)
    {
        string root = Store.PathTo(folder);
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(root, path), File.ReadAllBytes);
    }

    public string[] ScratchLeft => Directory.GetFileSystemEntries(_folder.CreateSubdirectory("scratch").FullName);

    public void Dispose() => _folder.Delete(recursive: true);
}
