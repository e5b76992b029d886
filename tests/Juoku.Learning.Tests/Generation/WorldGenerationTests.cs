using DuckDB.NET.Data;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Generation;

namespace Juoku.Learning.Tests.Generation;

public sealed class WorldGenerationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-world-tests-");
    private readonly WorldOptions _small = new() { Users = 2_000, Ads = 40, Days = 3, ImpressionsPerDay = 20_000, Seed = 11 };

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithOneThreadOrTwo_GivesTheSameBytes()
    {
        await Generate("a", _small with { Threads = 1 });
        await Generate("b", _small with { Threads = 2 });
        await Generate("c", _small with { Seed = 12 });

        Dictionary<string, byte[]> a = Files("a");
        Assert.Equal(a, Files("b"));
        Assert.NotEqual(a, Files("c"));
        Assert.Equal(
            ["logs/ads", "logs/clicks", "logs/impressions", "logs/users", "truth"],
            a.Keys.Select(path => string.Join('/', path.Split('/').Take(path.StartsWith("truth", StringComparison.Ordinal) ? 1 : 2))).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_Always_DrawsClicksFromTheTruth()
    {
        WorldSummary summary = await Generate("a", _small);

        Assert.InRange(summary.ClickRate, 0.005, 0.03);
        Assert.Equal(summary.Impressions, Number("SELECT count(*) FROM 'logs/impressions/*/*.parquet'"));
        Assert.Equal(summary.Clicks, Number("SELECT count(*) FROM 'logs/clicks/*/*.parquet'"));
        double expected = Real("SELECT sum(probability) FROM 'truth/*/*.parquet'");
        double clicked = Real("SELECT count(DISTINCT impression_id) FROM 'logs/clicks/*/*.parquet'");
        Assert.InRange(clicked, expected - 4 * Math.Sqrt(expected), expected + 4 * Math.Sqrt(expected));
        // The ranks are right too: those clicked had the higher chances.
        Assert.True(Real("SELECT avg(probability) FROM 'truth/*/*.parquet' WHERE impression_id IN (SELECT impression_id FROM 'logs/clicks/*/*.parquet')") > 1.5 * summary.ClickRate);
    }

    [Fact]
    public async Task Run_Always_LogsAsRealLogsAre()
    {
        await Generate("a", _small with { ImpressionsPerDay = 100_000 });

        // Repeated, spoilt and late rows, a few of each.
        Assert.InRange(Number("SELECT count(*) - count(DISTINCT impression_id) FROM 'logs/impressions/*/*.parquet'"), 200, 900);
        Assert.InRange(Number("SELECT count(*) FROM 'logs/impressions/*/*.parquet' WHERE user_id IS NULL OR site IS NULL OR ad_id = 0 OR position < 1 OR year(event_time) = 1970"), 5, 100);
        Assert.InRange(Number("SELECT count(*) FROM 'logs/clicks/*/*.parquet' WHERE arrived_at > click_time + INTERVAL 1 HOUR"), 50, 300);
        Assert.Equal(0, Number("SELECT count(*) FROM read_parquet('logs/clicks/*/*.parquet', hive_partitioning = true, hive_types = {'dt': DATE}) WHERE arrived_at::DATE <> dt"));
        Assert.Equal(0, Number("SELECT count(*) FROM read_parquet('logs/impressions/*/*.parquet', hive_partitioning = true, hive_types = {'dt': DATE}) WHERE year(event_time) <> 1970 AND event_time::DATE <> dt"));
        // Ads come and go.
        Assert.InRange(Number("SELECT count(DISTINCT ad_id) FROM 'logs/ads/*/*.parquet'"), 41, 60);
        Assert.Equal(40, Number("SELECT count(*) FROM 'logs/ads/dt=2026-10-29/*.parquet'"));
    }

    [Fact]
    public async Task Run_WhereOtherLogsAre_RefusesUnlessTheyWereGeneratedAndReplaced()
    {
        await Generate("a", _small);
        Dictionary<string, byte[]> first = Files("a");

        await Generate("a", _small);
        Assert.Equal(first, Files("a"));

        UsageException other = await Assert.ThrowsAsync<UsageException>(() => Generate("a", _small with { Seed = 5 }));
        Assert.Contains("holds another generated world", other.Message);
        await WorldGeneration.RunAsync(Open("a"), _small with { Days = 1 }, replace: true, cancellation: Cancel);
        Assert.DoesNotContain(Files("a").Keys, path => path.Contains("2026-10-29", StringComparison.Ordinal));

        await Open("b").PutAsync("logs/impressions/dt=2026-01-01/x.parquet", new byte[1], PutCondition.None, Cancel);
        UsageException real = await Assert.ThrowsAsync<UsageException>(() => WorldGeneration.RunAsync(Open("b"), _small, replace: true, cancellation: Cancel));
        Assert.Contains("holds logs that were not generated", real.Message);
    }

    [Fact]
    public async Task Run_OptionsOutOfRange_AreRefused() =>
        Assert.StartsWith("--users 0: must be 1 to", (await Assert.ThrowsAsync<UsageException>(() => Generate("a", _small with { Users = 0 }))).Message);

    public void Dispose() => _folder.Delete(recursive: true);

    private FileStore Open(string name) => FileStore.Open(Path.Combine(_folder.FullName, name));

    private Task<WorldSummary> Generate(string name, WorldOptions options) => WorldGeneration.RunAsync(Open(name), options, cancellation: Cancel);

    private Dictionary<string, byte[]> Files(string name)
    {
        string root = Path.Combine(_folder.FullName, name);
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(root, path), File.ReadAllBytes);
    }

    private long Number(string sql) => (long)Real(sql);

    private double Real(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        string root = Path.Combine(_folder.FullName, "a");
        command.CommandText = sql.Replace("'logs/", $"'{root}/logs/", StringComparison.Ordinal).Replace("'truth/", $"'{root}/truth/", StringComparison.Ordinal);
        return Convert.ToDouble(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
