using DuckDB.NET.Data;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Features;
using Juoku.Learning.Generation;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Tests.Generation;

/// <summary>What the generated world is for: a model of the features comes close to the truth on the next day.</summary>
public sealed class LearnabilityTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-learn-tests-");

    [Fact]
    public async Task Train_OnDaysOfFeatures_ComesCloseToTheTruthTheDayAfter()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        FileStore store = FileStore.Open(_folder.FullName);
        // Trained from a Saturday on, so that weekends are known, and tested on a Thursday.
        var world = new WorldOptions { Users = 10_000, Ads = 60, Days = 10, ImpressionsPerDay = 60_000, Seed = 3 };
        await WorldGeneration.RunAsync(store, world, cancellation: cancel);
        DateOnly last = world.Start.AddDays(world.Days - 1);
        FeatureSummary built = await FeatureBuild.RunAsync(store, new FeatureOptions { Set = "ctr", Day = last.AddDays(-5), To = last }, cancellation: cancel);

        FeatureManifest manifest = built.Days[^1].Manifest;
        (double[] train, float[] labels, _) = Read(built.Days[..^1].Select(day => day.Manifest.Day), manifest);
        (double[] test, float[] clicked, double[] truth) = Read([last], manifest);
        int features = train.Length / labels.Length;
        var parameters = new Parameters { ["objective"] = "binary", ["num_leaves"] = 15, ["learning_rate"] = 0.06, ["min_data_in_leaf"] = 500, ["feature_fraction"] = 0.5, ["num_threads"] = 2, ["verbosity"] = -1 };
        using Dataset data = Dataset.Create<double>(train, features, labels, new DatasetOptions { Parameters = parameters });
        using Booster model = Booster.Train(data, parameters, 120, cancel: cancel);
        var predicted = new double[clicked.Length];
        model.Predict<double>(test, predicted);

        double best = Auc(truth, clicked), reached = Auc(predicted, clicked);
        // Against the truth's sum, which the luck of the day's clicks does not touch.
        double calibration = predicted.Sum() / truth.Sum();
        TestContext.Current.TestOutputHelper?.WriteLine($"AUC {reached:F4}, the truth's {best:F4}; calibration {calibration:F4}");
        Assert.InRange(best, 0.68, 0.85);
        Assert.InRange(best - reached, -0.01, 0.03);
        Assert.InRange(calibration, 0.93, 1.07);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private (double[] Rows, float[] Labels, double[] Truth) Read(IEnumerable<DateOnly> days, FeatureManifest manifest)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        string Paths(string pattern) => string.Join(", ", days.Select(day => $"'{_folder.FullName}/{string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, FeatureDays.Named(day))}'"));
        // Categories as hashes: good enough to split on, and the same on every day.
        IEnumerable<string> columns = manifest.Columns.Where(column => column.Role == ColumnRole.Feature)
            .Select(column => column.Type == FeatureType.Categorical ? $"(hash(f.{column.Name}) % 1000)::DOUBLE" : $"f.{column.Name}::DOUBLE");
        command.CommandText = $"SELECT f.clicked::DOUBLE, t.probability, {string.Join(", ", columns)} FROM read_parquet([{Paths("features/ctr/{0}/part-00000.parquet")}]) f JOIN read_parquet([{Paths("truth/{0}/part-00000.parquet")}]) t USING (impression_id) ORDER BY impression_id";
        using DuckDBDataReader reader = command.ExecuteReader();
        var rows = new List<double>();
        var labels = new List<float>();
        var truth = new List<double>();
        while (reader.Read())
        {
            labels.Add((float)reader.GetDouble(0));
            truth.Add(reader.GetDouble(1));
            for (int i = 2; i < reader.FieldCount; i++) rows.Add(reader.IsDBNull(i) ? double.NaN : reader.GetDouble(i));
        }

        return ([.. rows], [.. labels], [.. truth]);
    }

    private static double Auc(double[] scores, float[] labels)
    {
        var counter = new AucCounter();
        for (int i = 0; i < scores.Length; i++) counter.Add(scores[i], labels[i] > 0);
        return counter.Result()!.Value.Auc;
    }
}
