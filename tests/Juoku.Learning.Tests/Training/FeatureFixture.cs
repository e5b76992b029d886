using System.Collections.Immutable;
using System.Security.Cryptography;
using Juoku.Batch.Stores;
using Juoku.Learning.Features;
using ParquetSharp;

namespace Juoku.Learning.Tests.Training;

/// <summary>A store with a small feature set of some days, whose click probabilities are known.</summary>
internal sealed class FeatureFixture : IDisposable
{
    public const string Set = "tiny";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-train-tests-");

    public FeatureFixture() => Store = FileStore.Open(_folder.FullName);

    public FileStore Store { get; }

    public string Folder => _folder.FullName;

    public static DateOnly Day(int day) => new(2026, 11, day);

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Writes a day.</summary>
    /// <param name="day">Day of November.</param>
    /// <param name="rows">Impressions before down-sampling.</param>
    /// <param name="negativeRate">Share of the rows without click that is kept, with weights.</param>
    /// <param name="hasTruth">Whether the truth is written too.</param>
    /// <param name="labelOf">Another label than the click, by row.</param>
    /// <param name="sites">Sites, of which the earlier are the more frequent.</param>
    public async Task WriteDayAsync(int day, int rows = 3_000, double negativeRate = 1, bool hasTruth = false, Func<int, double>? labelOf = null, int sites = 12)
    {
        var random = new Random(day);
        List<long> ids = [];
        List<double> truth = [];
        List<double?> age = [];
        List<float> price = [];
        List<string?> site = [];
        List<int> slot = [];
        List<int> hour = [];
        List<double> label = [];
        List<float> weight = [];
        for (int row = 0; row < rows; row++)
        {
            double years = random.Next(15, 80), cost = random.NextDouble() * 10;
            int where = Math.Min(random.Next(sites), random.Next(sites)), place = random.Next(4), at = random.Next(24);
            double odds = -2.2 + 1.2 * Math.Sin(years / 9) + 0.9 * (where % 3 - 1) + (place == 0 ? 0.8 : 0) + 0.02 * day;
            double probability = 1 / (1 + Math.Exp(-odds));
            bool clicked = random.NextDouble() < probability;
            bool kept = clicked || random.NextDouble() < negativeRate;
            if (!kept) continue;
            ids.Add(day * 1_000_000L + row);
            truth.Add(probability);
            age.Add(row % 50 == 0 ? null : years);
            price.Add((float)cost);
            site.Add(row % 70 == 0 ? null : $"site-{where}");
            slot.Add(place);
            hour.Add(at);
            label.Add(labelOf?.Invoke(row) ?? (clicked ? 1 : 0));
            weight.Add(clicked ? 1 : (float)(1 / negativeRate));
        }

        Column[] columns =
        [
            new Column<long>("impression_id"), new Column<double?>("age"), new Column<float>("price"), new Column<string>("site"), new Column<int>("slot"),
            new Column<int>("hour"), new Column<double>("clicked"), new Column<float>("weight"),
        ];
        string key = $"{FeatureDays.Folder(Set, Day(day))}part-00000.parquet";
        string path = Store.PathTo(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var writer = new ParquetFileWriter(path, columns))
        {
            using RowGroupWriter group = writer.AppendRowGroup();
            Write(group, [.. ids]);
            Write(group, [.. age]);
            Write(group, [.. price]);
            Write(group, [.. site]);
            Write(group, [.. slot]);
            Write(group, [.. hour]);
            Write(group, [.. label]);
            Write(group, [.. weight]);
            writer.Close();
        }

        if (hasTruth) WriteTruth(day, [.. ids], [.. truth]);
        byte[] content = await File.ReadAllBytesAsync(path);
        await FeatureDays.CompleteAsync(Store, new FeatureManifest
        {
            Set = Set,
            Day = Day(day),
            Columns =
            [
                new FeatureColumn("impression_id", ColumnRole.Key),
                new FeatureColumn("age", ColumnRole.Feature, FeatureType.Numeric),
                new FeatureColumn("price", ColumnRole.Feature, FeatureType.Numeric),
                new FeatureColumn("site", ColumnRole.Feature, FeatureType.Categorical),
                new FeatureColumn("slot", ColumnRole.Feature, FeatureType.Categorical),
                new FeatureColumn("hour", ColumnRole.Breakdown),
                new FeatureColumn("clicked", ColumnRole.Label),
                new FeatureColumn("weight", ColumnRole.Weight),
            ],
            Files = [new FeatureFile("part-00000.parquet", ids.Count, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)))],
            Rows = ids.Count,
            Clicks = label.Count(value => value == 1),
            NegativeRate = negativeRate,
            DefinitionDigest = "test",
        }, CancellationToken.None);
    }

    public async Task WriteDaysAsync(int from, int to, double negativeRate = 1, bool hasTruth = false)
    {
        for (int day = from; day <= to; day++) await WriteDayAsync(day, negativeRate: negativeRate, hasTruth: hasTruth);
    }

    /// <summary>Everything in the store, by key.</summary>
    public ImmutableSortedSet<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path))];

    private void WriteTruth(int day, long[] ids, double[] truth)
    {
        string path = Store.PathTo($"truth/dt={Day(day):yyyy-MM-dd}/part-00000.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new ParquetFileWriter(path, [new Column<long>("impression_id"), new Column<double>("probability")]);
        using RowGroupWriter group = writer.AppendRowGroup();
        Write(group, ids);
        Write(group, truth);
        writer.Close();
    }

    private static void Write<T>(RowGroupWriter group, T[] values)
    {
        using LogicalColumnWriter<T> column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(values);
    }
}
