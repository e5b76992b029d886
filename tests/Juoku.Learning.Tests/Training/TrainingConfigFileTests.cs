using Juoku.Batch.Predicting;
using Juoku.Learning.Training;

namespace Juoku.Learning.Tests.Training;

public sealed class TrainingConfigFileTests
{
    [Fact]
    public void Parse_OfEveryKey_ReadsIt()
    {
        TrainingConfig config = TrainingConfigFile.Parse(
            """
            parameters:
              num_leaves: 63
              metric: [auc, binary_logloss]
              device_type: gpu
            rounds: 200
            early_stopping: 20
            valid_days: 3
            weights: false
            calibration: isotonic
            categories: {minimum_count: 5, most: 100}
            exclude: [a, b]
            """, "train.yaml");

        Assert.Equal(("63", "auc,binary_logloss", "gpu"), (config.Parameters["num_leaves"], config.Parameters["metric"], config.Parameters["device_type"]));
        Assert.Equal((200, 20, 3, false), (config.Rounds, config.EarlyStopping, config.ValidDays, config.Weights));
        Assert.Equal((CalibrationChoice.Isotonic, 5, 100), (config.Calibration, config.Categories.MinimumCount, config.Categories.Most));
        Assert.Equal(["a", "b"], config.Exclude);
    }

    [Fact]
    public void Parse_OfNothing_IsTheDefault() => Assert.Equal(new TrainingConfig().ToJson(), TrainingConfigFile.Parse("", "train.yaml").ToJson());

    [Theory]
    [InlineData("round: 5", "train.yaml:1: no key 'round'; there are parameters, rounds")]
    [InlineData("num_leaves: 5", "train.yaml:1: no key 'num_leaves'; a parameter of LightGBM's goes under 'parameters:'")]
    [InlineData("rounds: many", "train.yaml:1: rounds must be a whole number")]
    [InlineData("rounds: 5\ncalibration: magic", "train.yaml:2: calibration must be auto, none, isotonic or platt")]
    [InlineData("parameters: [a]", "train.yaml:1: parameters must hold 'key: value' lines")]
    [InlineData("parameters:\n  x: \"a b=c\"", "train.yaml:2: x must be a value without spaces")]
    [InlineData("a: b: c", "train.yaml:1: not YAML")]
    public void Parse_OfAnythingElse_NamesTheLine(string yaml, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<UsageException>(() => TrainingConfigFile.Parse(yaml, "train.yaml")).Message);

    [Fact]
    public void Normalized_WithAliases_UsesMainNamesAndMovesRounds()
    {
        TrainingConfig config = TrainingConfigFile.Parse("parameters: {eta: 0.2, n_estimators: 7, early_stopping_rounds: 3}", "x").Normalized();
        Assert.Equal(("0.2", 7, 3), (config.Parameters["learning_rate"], config.Rounds, config.EarlyStopping));
        Assert.Equal("true", config.Parameters["force_col_wise"]);
    }
}
