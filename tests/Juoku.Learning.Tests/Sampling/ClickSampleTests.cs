using Juoku.Batch.Predicting;
using Juoku.Forest;
using Juoku.Learning.Sampling;

namespace Juoku.Learning.Tests.Sampling;

public sealed class ClickSampleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-sample-tests-");

    private CancellationToken Cancel { get; } = TestContext.Current.CancellationToken;

    [Fact]
    public void Write_TwiceWithOneSeed_GivesTheSameBytes()
    {
        SampleFiles first = Write("a", seed: 5);
        SampleFiles second = Write("b", seed: 5);
        SampleFiles other = Write("c", seed: 6);

        foreach ((string a, string b) in first.All.Zip(second.All)) Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
        foreach ((string a, string c) in first.All.Zip(other.All).Where(pair => !pair.First.EndsWith(".json", StringComparison.Ordinal)))
            Assert.NotEqual(File.ReadAllBytes(a), File.ReadAllBytes(c));
    }

    [Fact]
    public void Write_Always_TrainsAModelWithCategoricalSplitsAndTheirMap()
    {
        SampleFiles files = Write("a", seed: 1);
        ForestModel model = ForestModel.Load(files.Model);

        Assert.Contains(model.Ensemble.Trees, tree => tree.Decisions.Any(decision => decision.IsCategorical));
        Assert.Equal(["site", "device", "region", "ad_format"], model.FeatureNames.Take(4));
        Assert.Equal(4, FeatureCategories.Load(model, files.Model).Count(codes => codes is not null));
        Assert.Equal(5, _folder.GetDirectories().Single().GetFiles().Length);
    }

    [Fact]
    public async Task Write_ThenPredict_BeatsChanceAlikeFromCsvAndParquet()
    {
        SampleFiles files = Write("a", seed: 1, rows: 20_000);
        (PredictionSummary fromCsv, string[] csv) = await Predict(files, files.Csv, "csv.csv");
        (PredictionSummary fromParquet, string[] parquet) = await Predict(files, files.Parquet, "parquet.csv");

        Assert.Equal(csv, parquet);
        Assert.Equal(20_001, csv.Length);
        Assert.InRange(fromCsv.Labels!.Auc!.Value, 0.65, 0.9);
        Assert.Equal(fromCsv.Labels.Auc, fromParquet.Labels!.Auc);
    }

    [Fact]
    public void Write_OfTooFewRows_IsRefused()
    {
        Assert.Throws<UsageException>(() => Write("a", seed: 1, rows: 10));
        Assert.Empty(_folder.GetDirectories());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private SampleFiles Write(string folder, ulong seed, int rows = 2_000) =>
        ClickSample.Write(new SampleOptions { Folder = Path.Combine(_folder.FullName, folder), Rows = rows, Seed = seed }, cancel: Cancel);

    private async Task<(PredictionSummary Summary, string[] Lines)> Predict(SampleFiles files, string input, string name)
    {
        string output = Path.Combine(_folder.FullName, name);
        PredictionSummary summary = await Prediction.RunAsync(
            new PredictionOptions { Model = files.Model, Inputs = [input], Output = output, Keys = ["impression_id"], Label = "clicked" }, new PredictionProgress(), Cancel);
        return (summary, await File.ReadAllLinesAsync(output, Cancel));
    }
}
