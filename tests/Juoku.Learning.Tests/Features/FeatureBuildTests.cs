using Juoku.Batch.Predicting;
using Juoku.Learning.Features;

namespace Juoku.Learning.Tests.Features;

/// <summary>What a build does with any set: rejects, sampling, files, errors.</summary>
public sealed class FeatureBuildTests : IDisposable
{
    private const string Day = "2026-11-30";

    private const string Yaml = """
        reject_limit: 0.5
        sources:
          impressions:
            path: logs/impressions
            required: true
            rejects:
              - { reason: no user, when: user_id IS NULL }
              - { reason: odd id, when: impression_id % 2 = 1 }
        features:
          reads: { impressions: 0 }
          steps: [features]
        columns:
          - { name: impression_id, role: key }
          - { name: clicked, role: label }
          - { name: weight, role: weight }
          - { name: hour, type: numeric }
        """;

    private const string Sql = """
        SELECT impression_id,
            (impression_id % 100 = 0)::INTEGER AS clicked,
            hour(event_time) AS hour
        FROM impressions;
        """;

    private readonly TinyLogs _logs = new();

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Build_MalformedRows_AreSetAsideWithTheirReason()
    {
        _logs.Day(Day, "(2, NULL, '2026-11-30 10:00'), (3, NULL, '2026-11-30 10:00'), (5, 1, '2026-11-30 10:00'), (6, 1, '2026-11-30 10:00'), (8, 1, '2026-11-30 11:00'), (10, 1, '2026-11-30 11:00')");

        FeatureSummary summary = await Build();

        FeatureManifest manifest = summary.Days[0].Manifest;
        Assert.Equal(3, manifest.Rows);
        Assert.Equal([new("impressions: no user", 2), new("impressions: odd id", 1)], manifest.Rejects);
        Assert.Equal([(2L, "no user"), (3L, "no user"), (5L, "odd id")],
            _logs.Read($"rejects/tiny/dt={Day}/impressions.parquet").Select(row => ((long)row["impression_id"]!, (string)row["reject_reason"]!)));

        // Repaired logs leave no rejects behind.
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00')");
        Assert.Empty((await Build()).Days[0].Manifest.Rejects);
        Assert.Null(await _logs.Store.FindAsync($"rejects/tiny/dt={Day}/impressions.parquet", Cancel));
    }

    [Fact]
    public async Task Build_TooManyMalformedRows_FailsAndLeavesTheOldDay()
    {
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00')");
        await Build();
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00'), (3, 1, '2026-11-30 10:00'), (5, 1, '2026-11-30 10:00')");

        FeatureException error = await Assert.ThrowsAsync<FeatureException>(() => Build());

        Assert.Contains("2 of 3 rows are malformed (odd id 2), more than the reject_limit of 0.5 allows; they are in rejects/tiny/dt=2026-11-30/impressions.parquet", error.Message);
        Assert.Equal(2, _logs.Read($"rejects/tiny/dt={Day}/impressions.parquet").Count);
        Assert.NotNull(await FeatureDays.FindAsync(_logs.Store, "tiny", DateOnly.Parse(Day), Cancel));
    }

    [Fact]
    public async Task Build_NegativesThinned_KeepsEveryClickAndTheSumOfWeights()
    {
        Many(20_000);

        FeatureSummary summary = await Build("negatives: 0.2\n" + Yaml);
        FeatureSummary again = await Build("negatives: 0.2\n" + Yaml, threads: 1);

        List<Dictionary<string, object?>> rows = _logs.Features(Day, "tiny");
        Assert.Equal(0.2, summary.Days[0].Manifest.NegativeRate);
        Assert.Equal(400, summary.Days[0].Manifest.Clicks);
        Assert.Equal(400, rows.Count(row => row["clicked"] is 1));
        Assert.All(rows, row => Assert.Equal(row["clicked"] is 1 ? 1f : 5f, row["weight"]));
        Assert.InRange(rows.Sum(row => (float)row["weight"]!), 19_300, 20_700);
        Assert.Equal(summary.Days[0].Manifest.Files, again.Days[0].Manifest.Files);
    }

    [Fact]
    public async Task Build_ManyRows_CutsFilesAndNamesTheirDigests()
    {
        Many(1_000);

        FeatureManifest manifest = (await Build("rows_per_file: 400\n" + Yaml)).Days[0].Manifest;

        Assert.Equal([("part-00000.parquet", 400L), ("part-00001.parquet", 400L), ("part-00002.parquet", 200L)], manifest.Files.Select(file => (file.Name, file.Rows)));
        foreach (FeatureFile file in manifest.Files)
        {
            byte[] bytes = await File.ReadAllBytesAsync(_logs.Store.PathTo($"features/tiny/dt={Day}/{file.Name}"), Cancel);
            Assert.Equal((file.Length, file.Sha256), (bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))));
        }

        FeatureManifest? read = await FeatureDays.FindAsync(_logs.Store, "tiny", DateOnly.Parse(Day), Cancel);
        Assert.Equal(manifest.Files, read!.Files);
        Assert.Equal(manifest.Columns, read.Columns);
        Assert.Equal($"logs/impressions/dt={Day}/part-00000.parquet", Assert.Single(read.Sources).Key);

        // A rebuild with fewer files leaves none of the old ones.
        await Build();
        Assert.Equal(["_SUCCESS", "_manifest.json", "part-00000.parquet"], _logs.Files($"features/tiny/dt={Day}").Keys.Order(StringComparer.Ordinal));
        Assert.Equal([DateOnly.Parse(Day)], await FeatureDays.ListAsync(_logs.Store, "tiny", Cancel));
        Assert.Empty(_logs.ScratchLeft);
    }

    [Fact]
    public async Task Build_LittleMemory_SpillsAndGivesTheSameBytes()
    {
        _logs.Write($"logs/impressions/dt={Day}/part-00000.parquet",
            $"SELECT 2 * (i * 7919 % 1500000) AS impression_id, TIMESTAMP '{Day}' + to_milliseconds(i * 40) AS event_time, i AS user_id FROM range(1500000) t(i)");
        const string sql = "SELECT impression_id, (impression_id % 100 = 0)::INTEGER AS clicked, hour(event_time) AS hour, md5(user_id::VARCHAR) AS name, md5(impression_id::VARCHAR) AS other FROM impressions";
        string yaml = Yaml + "\n  - { name: name, type: categorical }\n  - { name: other, type: categorical }";

        FeatureSummary roomy = await _logs.BuildAsync(Day, definition: _logs.Define(yaml, ("features", sql)), set: "tiny");
        FeatureSummary narrow = await _logs.BuildAsync(Day, definition: _logs.Define(yaml, ("features", sql)), set: "tiny", memory: 64 << 20, threads: 1);

        Assert.Equal(1_500_000, narrow.Rows);
        Assert.Equal(roomy.Days[0].Manifest.Files, narrow.Days[0].Manifest.Files);
    }

    [Fact]
    public async Task Build_DayWithoutLogs_SaysWhichDaysThereAre()
    {
        _logs.Day("2026-11-28", "(2, 1, '2026-11-28 10:00')");
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00')");

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => _logs.BuildAsync("2026-11-29"));

        Assert.EndsWith("dt=2026-11-29: no logs of that day; there are 2026-11-28 to 2026-11-30, with gaps", error.Message);
    }

    [Theory]
    [InlineData("SELECT impression_id, 0 AS clicked,\n  houre(event_time) AS hour FROM impressions", "features.sql: Catalog Error: Scalar Function with name houre does not exist! (LINE 2:")]
    [InlineData("SELECT impression_id, 0 AS clicked FROM impressions", "features.sql: gives no column 'hour', which the set lists; it gives impression_id, clicked")]
    [InlineData("SELECT impression_id, 0 AS clicked, 1 AS hour, 2 AS more FROM impressions", "features.sql: gives a column 'more', which the set does not list")]
    [InlineData("SELECT impression_id, 0 AS clicked, 'x' AS hour FROM impressions", "features.sql: column 'hour' is VARCHAR, but the set lists it as numeric")]
    [InlineData("SELECT impression_id, 0 AS clicked, i AS hour FROM impressions, range(2) t(i)", "features.sql: gives 1 of 2 rows' impression_id more than once; a join multiplies rows")]
    public async Task Build_WrongSql_NamesTheFileAndWhatIsWrong(string sql, string expected)
    {
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00')");

        FeatureException error = await Assert.ThrowsAsync<FeatureException>(() => Build(sql: sql));

        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("reject_limit: 0.5", "reject_limt: 0.5", "set.yaml, line 1: key 'reject_limt' is not known")]
    [InlineData("reject_limit: 0.5", "reject_limit: 7", "set.yaml: reject_limit must be between 0 and 1")]
    [InlineData("    required: true", "    required: [", "set.yaml, line ")]
    [InlineData("impressions: 0 }", "clicks: 0 }", "set.yaml: features: reads 'clicks', which is not one of the sources")]
    [InlineData("impressions: 0 }", "impressions: today }", "set.yaml: features: reads impressions: today; write days relative to the one built, as in 0 or -1..0")]
    [InlineData("steps: [features]", "steps: [other]", "set.yaml: names the step 'other', but there is no ")]
    [InlineData("type: numeric }", "role: key, type: numeric }", "set.yaml: column 'hour': a feature has a type, numeric or categorical; other roles have none")]
    public async Task Build_WrongYaml_NamesTheFileAndWhatIsWrong(string right, string wrong, string expected)
    {
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00')");

        FeatureException error = await Assert.ThrowsAsync<FeatureException>(() => Build(Yaml.Replace(right, wrong, StringComparison.Ordinal)));

        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Build_FileThatCannotBeRead_IsNoFaultOfTheSet()
    {
        _logs.Day(Day, "(2, 1, '2026-11-30 10:00')");
        string file = _logs.Store.PathTo($"logs/impressions/dt={Day}/part-00000.parquet");
        var options = new FeatureOptions { Set = "tiny", Day = DateOnly.Parse(Day), Definition = _logs.Define(Yaml, ("features", Sql)) };

        // A fault of a disk, unlike one of a definition, is worth another try: its exit code says so to schedulers.
        IOException error = await Assert.ThrowsAsync<IOException>(() => FeatureBuild.RunAsync(_logs.Store, options, new Told(_ => File.Delete(file)), cancellation: Cancel));

        Assert.Contains($"logs/impressions/dt={Day}: IO Error", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Build_UnknownSet_IsNotFound()
    {
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => _logs.BuildAsync(Day, set: "nosuch"));

        Assert.Contains("feature set 'nosuch': no set.yaml in ", error.Message);
    }

    [Fact]
    public async Task Build_Cancelled_LeavesTheDayAsItWas()
    {
        Many(1_000);
        await Build();
        Dictionary<string, byte[]> before = _logs.Files($"features/tiny/dt={Day}");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FeatureBuild.RunAsync(
            _logs.Store, new FeatureOptions { Set = "tiny", Day = DateOnly.Parse(Day), Definition = _logs.Define(Yaml, ("features", Sql)) }, cancellation: stop.Token));

        Assert.Equal(before, _logs.Files($"features/tiny/dt={Day}"));
    }

    public void Dispose() => _logs.Dispose();

    private Task<FeatureSummary> Build(string yaml = Yaml, string sql = Sql, int threads = 2) =>
        _logs.BuildAsync(Day, definition: _logs.Define(yaml, ("features", sql)), set: "tiny", threads: threads);

    /// <summary>Rows with even ids from 0, in an order that is not theirs.</summary>
    private void Many(int rows) => _logs.Write($"logs/impressions/dt={Day}/part-00000.parquet",
        $"SELECT 2 * (i * 7919 % {rows}) AS impression_id, TIMESTAMP '{Day}' + to_seconds(i) AS event_time, 1 AS user_id FROM range({rows}) t(i)");
}
