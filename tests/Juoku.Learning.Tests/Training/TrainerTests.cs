using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Learning.Evaluation;
using Juoku.Learning.Registry;
using Juoku.Learning.Training;

namespace Juoku.Learning.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly FeatureFixture _features = new();

    public void Dispose() => _features.Dispose();

    [Fact]
    public async Task Run_TwiceOnOneOrTwoThreads_GivesTheSameBytes()
    {
        await _features.WriteDaysAsync(1, 4);
        TrainingResult one = await TrainAsync(options => options with { Threads = 1 });
        TrainingResult two = await TrainAsync(options => options with { Threads = 2 });

        Assert.Equal(("ctr/1", "ctr/2"), (one.Manifest.Reference, two.Manifest.Reference));
        Assert.Equal(one.Manifest.Digest, two.Manifest.Digest);
        foreach (ModelFile file in one.Manifest.Files.Where(file => file.Name != "report.html")) Assert.Contains(file, two.Manifest.Files);
    }

    [Fact]
    public async Task Run_Always_RegistersAModelTiedToItsSource()
    {
        await _features.WriteDaysAsync(1, 4, hasTruth: true);
        TrainingResult result = await TrainAsync();
        ModelManifest manifest = await new ModelRegistry(_features.Store).ResolveAsync(ModelReference.Parse("ctr/1"), Cancel);

        Assert.Equal(["model.categories.json", "model.profile.json", "model.txt", "report.html", "train.json"], manifest.Files.Select(file => file.Name).Where(name => name != PinnedModel.CalibrationFile));
        Assert.Equal((FeatureFixture.Day(1), FeatureFixture.Day(2), FeatureFixture.Day(3), FeatureFixture.Day(4)),
            (manifest.Data!.From, manifest.Data.To, manifest.Data.ValidFrom, manifest.Data.ValidTo));
        Assert.Equal((6_000, FeatureFixture.Set), (manifest.Data.Rows, manifest.Data.Set));
        Assert.Equal(["age", "price", "site", "slot"], manifest.Features.Select(feature => feature.Name));
        Assert.Equal(64, manifest.ConfigDigest!.Length);
        Assert.Equal("true", manifest.Parameters["deterministic"]);
        Assert.Equal(result.Evaluation.Metrics.Auc, manifest.Metrics["auc"]);
        Assert.InRange(manifest.Metrics["auc"], 0.65, 0.9);
        Assert.InRange(manifest.Metrics["calibration"], 0.85, 1.15);
        Assert.InRange(result.Evaluation.Truth!.Auc!.Value - result.Evaluation.Truth.ModelAuc!.Value, 0, 0.05);
    }

    [Fact]
    public async Task Run_OnOtherHeldOutDays_LearnsTheSameTrees()
    {
        // What the held-out days say changes when training stops and nothing else: with the rounds fixed they do not matter.
        await _features.WriteDaysAsync(1, 4);
        TrainingConfig config = Quick with { EarlyStopping = 0, Rounds = 10, Calibration = CalibrationChoice.None };
        TrainingResult before = await TrainAsync(options => options with { Config = config });
        await _features.WriteDayAsync(3, rows: 500, labelOf: row => row % 2);
        await _features.WriteDayAsync(4, rows: 500, labelOf: row => 1);
        TrainingResult after = await TrainAsync(options => options with { Config = config });

        Assert.Equal(before.Manifest.Digest, after.Manifest.Digest);
        Assert.NotEqual(before.Manifest.Metrics["observed_rate"], after.Manifest.Metrics["observed_rate"]);
        Assert.NotEqual(before.Manifest.Data!.Digest, after.Manifest.Data!.Digest);
    }

    [Fact]
    public async Task Run_WhenTheMetricGetsWorse_KeepsTheBestIteration()
    {
        await _features.WriteDaysAsync(1, 4);
        TrainingConfig config = Quick with { Rounds = 400, EarlyStopping = 5, Parameters = Quick.Parameters.SetItem("learning_rate", "0.5") };
        TrainingResult result = await TrainAsync(options => options with { Config = config });

        Assert.Equal(result.Boosting.Best.BestIteration + 5, result.Boosting.Iterations);
        Assert.Equal(result.Boosting.Best.BestIteration, result.Evaluation.TreeCount);
        Assert.Contains("has not improved for 5 iterations", result.Boosting.Ending);
    }

    [Fact]
    public async Task Run_Always_WritesCategoriesThatScoringReads()
    {
        await _features.WriteDaysAsync(1, 4);
        await TrainAsync(options => options with { Config = Quick with { ValidDays = 1 } });
        EvaluatedModel model = await EvaluatedModel.OpenAsync("ctr/1", _features.Store, Adapters.Local, Cancel);
        CategoryCodes sites = model.Model.Categories[2]!, slots = model.Model.Categories[3]!;

        Assert.Null(model.Model.Categories[0]);
        Assert.Equal(0, sites["site-0"u8]);
        Assert.Equal(4, slots.Count);
        Assert.True(double.IsNaN(sites["site-99"u8]));
        Assert.InRange(slots[2.0], 0, 3);
    }

    [Fact]
    public async Task Run_WithFewRowsOfAValue_LeavesItOut()
    {
        await _features.WriteDaysAsync(1, 4);
        TrainingConfig config = Quick with { ValidDays = 1, Categories = new CategoryConfig { MinimumCount = 100, Most = 5 } };
        await TrainAsync(options => options with { Config = config });
        EvaluatedModel model = await EvaluatedModel.OpenAsync("ctr/1", _features.Store, Adapters.Local, Cancel);

        Assert.Equal(5, model.Model.Categories[2]!.Count);
    }

    [Fact]
    public async Task Run_WithAParent_AddsToItsTrees()
    {
        await _features.WriteDaysAsync(1, 6);
        TrainingResult parent = await TrainAsync(options => options with { To = FeatureFixture.Day(4) });
        TrainingResult child = await TrainAsync(options => options with { From = FeatureFixture.Day(3), To = FeatureFixture.Day(6), Parent = "ctr/1" });

        Assert.Equal("ctr/1", child.Manifest.Parent);
        Assert.Equal(parent.Evaluation.TreeCount + child.Boosting.Best.BestIteration, child.Evaluation.TreeCount);
        Assert.InRange(child.Evaluation.Metrics.Auc!.Value, parent.Evaluation.Metrics.Auc!.Value - 0.05, 1);
    }

    [Fact]
    public async Task Run_OnDownSampledRows_IsCalibratedWithWeightsAndWithTheCorrection()
    {
        await _features.WriteDaysAsync(1, 6, negativeRate: 0.25);
        TrainingConfig config = Quick with { Calibration = CalibrationChoice.None };
        TrainingResult weighted = await TrainAsync(options => options with { To = FeatureFixture.Day(6), Config = config });
        TrainingResult corrected = await TrainAsync(options => options with { To = FeatureFixture.Day(6), Config = config with { Weights = false } });

        Assert.Null(weighted.Evaluation.Calibration);
        Assert.Equal("down-sampling undone", corrected.Evaluation.Calibration);
        Assert.InRange(weighted.Evaluation.Metrics.Calibration!.Value, 0.85, 1.15);
        Assert.InRange(corrected.Evaluation.Metrics.Calibration!.Value, 0.85, 1.15);
    }

    [Fact]
    public async Task Run_OverAMissingDay_SaysWhichThereAre()
    {
        await _features.WriteDaysAsync(1, 2);
        await _features.WriteDayAsync(5);
        var error = await Assert.ThrowsAsync<NotFoundException>(() => TrainAsync(options => options with { To = FeatureFixture.Day(5) }));

        Assert.Contains("lacks 2026-11-03 … 2026-11-04; it has 2026-11-01 … 2026-11-02, 2026-11-05", error.Message);
    }

    [Fact]
    public async Task Run_OfASetThatIsNotThere_SaysHowToGetIt()
    {
        var error = await Assert.ThrowsAsync<NotFoundException>(() => TrainAsync());
        Assert.Contains("no finished day of the feature set 'tiny'", error.Message);
    }

    [Fact]
    public async Task Run_WithAllDaysHeldOut_IsRefused()
    {
        await _features.WriteDaysAsync(1, 2);
        var error = await Assert.ThrowsAsync<UsageException>(() => TrainAsync(options => options with { To = FeatureFixture.Day(2) }));
        Assert.Contains("leave none to learn from", error.Message);
    }

    [Theory]
    [InlineData("num_leavs", "31", "LightGBM has no parameter 'num_leavs' (close: ")]
    [InlineData("num_threads", "2", "use --threads")]
    [InlineData("objective", "regression", "gives no click probability")]
    [InlineData("num_leaves", "many", "LightGBM refuses the training")]
    [InlineData("device_type", "gpu", "GPU Tree Learner was not enabled")]
    public async Task Run_WithAParameterThatCannotBe_SaysSoAndRegistersNothing(string name, string value, string expected)
    {
        await _features.WriteDaysAsync(1, 4);
        var before = _features.Files();
        var error = await Assert.ThrowsAsync<UsageException>(() => TrainAsync(options => options with { Config = Quick with { Parameters = Quick.Parameters.SetItem(name, value) } }));

        Assert.Contains(expected, error.Message);
        Assert.Equal(before, _features.Files());
    }

    [Theory]
    [InlineData("boosting")]
    [InlineData("measuring")]
    public async Task Run_WhenCancelled_RegistersNothing(string step)
    {
        await _features.WriteDaysAsync(1, 4);
        var before = _features.Files();
        using var cancel = new CancellationTokenSource();
        var progress = new TrainingProgress();
        Task<TrainingResult> training = Task.Run(() => new Trainer(_features.Store, Adapters.Local).RunAsync(Options(), progress, cancel.Token), Cancel);
        while (progress.State.Step != step && !training.IsCompleted) await Task.Yield();
        await cancel.CancelAsync();

        if (await Task.WhenAny(training) is { IsCompletedSuccessfully: true }) Assert.Skip("the training ended before it could be cancelled");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => training);
        Assert.Equal(before, _features.Files());
    }

    [Fact]
    public async Task Run_WithALabelOutOfRange_NamesTheFileAndRow()
    {
        await _features.WriteDayAsync(1, labelOf: row => row == 7 ? 2 : 0);
        await _features.WriteDaysAsync(2, 4);
        var error = await Assert.ThrowsAsync<TableException>(() => TrainAsync());
        Assert.Contains("the label of row 7 of those read is 2", error.Message);
    }

    [Fact]
    public async Task Evaluate_OfTheRegisteredModel_GivesTheMetricsOfItsManifest()
    {
        await _features.WriteDaysAsync(1, 5, hasTruth: true);
        TrainingResult trained = await TrainAsync();
        var options = new EvaluationOptions { Model = "ctr/1", Set = FeatureFixture.Set, From = FeatureFixture.Day(4), To = FeatureFixture.Day(4) };
        EvaluationResult same = await new Evaluator(_features.Store, Adapters.Local).RunAsync(options, Cancel);
        EvaluationResult next = await new Evaluator(_features.Store, Adapters.Local).RunAsync(options with { From = FeatureFixture.Day(5), To = FeatureFixture.Day(5) }, Cancel);

        Assert.Equal(trained.Manifest.Metrics.Where(metric => !metric.Key.StartsWith("truth", StringComparison.Ordinal)), same.Metrics.Named());
        Assert.Equal(trained.Evaluation.Truth, same.Truth);
        Assert.NotEqual(same.Metrics, next.Metrics);
        Assert.Equal(4, next.Drift.Length);
        Assert.All(next.Drift, drift => Assert.InRange(drift.Psi, 0, 0.1));
        Assert.Equal(24, next.Breakdowns.Single().Groups.Length);
        Assert.Equal("age", next.Importance[0].Name);
    }

    [Fact]
    public void Digest_OfAConfiguration_ChangesWithAnyParameter()
    {
        string plain = new TrainingConfig().Normalized().Digest();
        Assert.Equal(plain, new TrainingConfig { Parameters = Quick.Parameters.Clear().Add("eta", "0.08") }.Normalized().Digest());
        Assert.NotEqual(plain, new TrainingConfig { Parameters = Quick.Parameters.Clear().Add("eta", "0.06") }.Normalized().Digest());
    }

    internal static TrainingConfig Quick { get; } = new()
    {
        Rounds = 60,
        EarlyStopping = 10,
        Parameters = new TrainingConfig().Parameters.SetItem("learning_rate", "0.1").SetItem("min_sum_hessian_in_leaf", "3").SetItem("feature_fraction", "0.8").SetItem("cat_smooth", "10"),
    };

    private static TrainingOptions Options() => new()
    {
        Set = FeatureFixture.Set,
        From = FeatureFixture.Day(1),
        To = FeatureFixture.Day(4),
        Config = Quick,
        Threads = 2,
    };

    private Task<TrainingResult> TrainAsync(Func<TrainingOptions, TrainingOptions>? change = null) =>
        new Trainer(_features.Store, Adapters.Local).RunAsync((change ?? (options => options))(Options()), new TrainingProgress(), Cancel);
}
