using Juoku.Batch.Predicting;
using Juoku.Learning.Features;
using Juoku.Learning.Features.Importing;

namespace Juoku.Learning.Tests.Features;

public sealed class FeatureImportTests : IDisposable
{
    private readonly TinyLogs _logs = new();

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("train", 7_200, 1_549)]
    [InlineData("dev", 409, null)]
    [InlineData("test", 391, null)]
    public async Task Import_CriteoFile_KeepsEveryLineInOrder(string name, int rows, int? clicks)
    {
        string file = Shared($"criteo/{name}.tsv");

        FeatureManifest manifest = (await Import("criteo", file, new DateOnly(2026, 11, 1))).Days.Single().Manifest;

        Assert.Equal(rows, manifest.Rows);
        if (clicks is { } expected) Assert.Equal(expected, manifest.Clicks);
        Assert.Equal((13, 26), (manifest.Columns.Count(column => column.Type == FeatureType.Numeric), manifest.Columns.Count(column => column.Type == FeatureType.Categorical)));
        List<Dictionary<string, object?>> read = _logs.Features("2026-11-01", "public");
        string[][] lines = [.. (await File.ReadAllLinesAsync(file, Cancel)).Select(line => line.Split('\t'))];
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.Equal(i + 1L, read[i]["impression_id"]);
            for (int field = 0; field < 40; field++)
            {
                string column = field == 0 ? "clicked" : field <= 13 ? $"i{field}" : $"c{field - 13}";
                Assert.Equal(lines[i][field], Convert.ToString(read[i][column], System.Globalization.CultureInfo.InvariantCulture) ?? "");
            }
        }
    }

    [Theory]
    [InlineData("train", 8_087)] // with a header
    [InlineData("dev", 480)]
    [InlineData("test", 432)]
    public async Task Import_AvazuFile_GoesToTheDayOfItsHours(string name, int rows)
    {
        FeatureManifest manifest = (await Import("avazu", Shared($"avazu/{name}.csv"))).Days.Single().Manifest;

        Assert.Equal((rows, new DateOnly(2014, 10, 21)), (manifest.Rows, manifest.Day));
        Assert.Equal(["impression_id", "clicked", "weight", "hour", "c1"], manifest.Columns.Take(5).Select(column => column.Name));
        Assert.Equal(rows, _logs.Features("2014-10-21", "public").Select(row => (string)row["impression_id"]!).Distinct().Count());
    }

    [Fact]
    public async Task Import_DamagedLines_AreSetAsideWithTheirReason()
    {
        string good = "1\t" + string.Join('\t', Enumerable.Range(1, 13)) + "\t" + string.Join('\t', Enumerable.Repeat("ab", 26));
        string[] lines = [.. Enumerable.Repeat(good, 300), "0\tx" + good[3..], "0\t1", .. Enumerable.Repeat(good, 100)];
        string file = Path.Combine(_logs.Define("{}"), "lines.txt");
        await File.WriteAllLinesAsync(file, lines, Cancel);

        FeatureDaySummary day = (await Import("criteo", file, new DateOnly(2026, 11, 1))).Days.Single();

        Assert.Equal((400, 402), (day.Manifest.Rows, day.LogRows));
        Assert.Equal([new("cast", 1), new("missing columns", 1)], day.Manifest.Rejects);
        Assert.Equal([301L, 302L], _logs.Read("rejects/public/dt=2026-11-01/import.parquet").Select(row => Convert.ToInt64(row["line"], System.Globalization.CultureInfo.InvariantCulture)));

        FeatureException error = await Assert.ThrowsAsync<FeatureException>(() => Import("criteo", file, new DateOnly(2026, 11, 1), limit: 0.001));
        Assert.Contains("2 of 402 lines are not of the criteo format (cast 1, missing columns 1), more than --reject-limit 0.001 allows", error.Message);
    }

    [Fact]
    public async Task Import_WrongOptions_AreRefused()
    {
        string file = Path.Combine(_logs.Define("{}"), "set.yaml");

        Assert.Contains("name it with --day", (await Assert.ThrowsAsync<UsageException>(() => Import("criteo", file))).Message);
        Assert.Contains("leave --day out", (await Assert.ThrowsAsync<UsageException>(() => Import("avazu", file, new DateOnly(2026, 11, 1)))).Message);
        Assert.Contains("there are criteo and avazu", (await Assert.ThrowsAsync<UsageException>(() => Import("kaggle", file))).Message);
        await Assert.ThrowsAsync<NotFoundException>(() => Import("avazu", file + ".gone"));
    }

    public void Dispose() => _logs.Dispose();

    private Task<FeatureSummary> Import(string format, string file, DateOnly? day = null, double limit = 0.01) => FeatureImport.RunAsync(
        _logs.Store, new FeatureImportOptions { Format = format, File = file, Set = "public", Day = day, RejectLimit = limit }, cancellation: Cancel);

    private static string Shared(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Juoku.slnx"))) continue;
            string path = Path.Combine(folder.FullName, "../shared/data", name);
            Assert.SkipUnless(File.Exists(path), $"../shared/data/{name} is absent");
            return path;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout.");
    }
}
