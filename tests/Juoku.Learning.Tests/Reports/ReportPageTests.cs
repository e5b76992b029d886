using System.Text.RegularExpressions;
using Juoku.Batch;
using Juoku.Learning.Reports;
using Juoku.Learning.Tests.Training;
using Juoku.Learning.Training;

namespace Juoku.Learning.Tests.Reports;

public sealed class ReportPageTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_ATraining_HasAllSectionsAndLoadsNothing()
    {
        using var features = new FeatureFixture();
        await features.WriteDaysAsync(1, 4, hasTruth: true);
        TrainingResult trained = await new Trainer(features.Store, Adapters.Local).RunAsync(
            new TrainingOptions { Set = FeatureFixture.Set, From = FeatureFixture.Day(1), To = FeatureFixture.Day(4), Config = TrainerTests.Quick }, new TrainingProgress(), Cancel);
        string page = ReportPage.Of(trained.Evaluation with { Model = "<script>alert(1)</script>" });

        foreach (string title in (string[])["Where it comes from", "Reliability", "ROC", "Precision and recall", "Cumulative gain", "Distribution of predictions", "Calibration by decile", "Calibration by hour", "Importance", "Drift since training"])
            Assert.Contains($"<h2>{title}</h2>", page);
        Assert.Equal(5, Regex.Count(page, "<svg "));
        Assert.Contains(trained.Manifest.Digest, page);
        Assert.Contains(trained.Manifest.Data!.Digest, page);
        Assert.DoesNotContain("NaN", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch("""(src|href|srcset|data)\s*=|url\(|@import|<(link|iframe|object|img)""", page);
        Assert.Contains("prefers-color-scheme:dark", page);
        Assert.InRange(page.Length, 10_000, 200_000);
    }
}
