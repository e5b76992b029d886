using Juoku.Batch.Predicting;
using Juoku.Forest;

namespace Juoku.Batch.Tests.Predicting;

public sealed class LabelMetricsTests
{
    private static readonly Objective Binary = new("binary", OutputTransform.Sigmoid);

    [Fact]
    public void Result_Probabilities_FollowTheFormulas()
    {
        var metrics = new LabelMetrics(Binary, ScoreKind.Prediction, 1);
        metrics.Add([0.8, 0.3, 0.4, 0.5], [1, 0, 1, double.NaN]);

        LabelScores scores = metrics.Result();
        double loss = -(Math.Log(0.8) + Math.Log(0.7) + Math.Log(0.4)) / 3;
        double entropy = -(2 / 3.0 * Math.Log(2 / 3.0) + 1 / 3.0 * Math.Log(1 / 3.0));
        Assert.Equal(3, scores.LabelledRows);
        Assert.Equal(1, scores.Auc);
        Assert.Equal(loss, scores.LogLoss!.Value, 12);
        Assert.Equal(loss / entropy, scores.NormalizedEntropy!.Value, 12);
        Assert.Equal(0.5, scores.MeanPrediction!.Value, 12);
        Assert.Equal(2 / 3.0, scores.ObservedRate!.Value, 12);
        Assert.Equal(0.75, scores.Calibration!.Value, 12);
    }

    [Fact]
    public void Result_RawScores_AreTurnedIntoProbabilitiesFirst()
    {
        var raw = new LabelMetrics(new Objective("binary", OutputTransform.Sigmoid, Sigmoid: 2), ScoreKind.Raw, 1);
        var predicted = new LabelMetrics(Binary, ScoreKind.Prediction, 1);
        raw.Add([1, -1, 0.5], [1, 0, 0]);
        predicted.Add([1 / (1 + Math.Exp(-2.0)), 1 / (1 + Math.Exp(2.0)), 1 / (1 + Math.Exp(-1.0))], [1, 0, 0]);

        Assert.Equal(predicted.Result(), raw.Result());
    }

    [Fact]
    public void Result_CertainAndWrong_IsClippedAsInLightGbm()
    {
        var metrics = new LabelMetrics(Binary, ScoreKind.Prediction, 1);
        metrics.Add([0, 1], [1, 0]);

        Assert.Equal(-Math.Log(1e-15), metrics.Result().LogLoss!.Value, 2);
    }

    [Fact]
    public void Result_OnlyOneKindOfLabel_HasNoAuc()
    {
        var metrics = new LabelMetrics(Binary, ScoreKind.Prediction, 1);
        metrics.Add([0.2, 0.4], [0, 0]);

        LabelScores scores = metrics.Result();
        Assert.Null(scores.Auc);
        Assert.Null(scores.Calibration);
        Assert.Equal(0, scores.ObservedRate);
    }

    [Fact]
    public void Result_SeveralClasses_HasTheirLogLoss()
    {
        var metrics = new LabelMetrics(new Objective("multiclass", OutputTransform.Softmax), ScoreKind.Prediction, 3);
        metrics.Add([0.7, 0.2, 0.1, 0.1, 0.1, 0.8], [0, 2]);

        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.8)) / 2, metrics.Result().LogLoss!.Value, 12);
        Assert.Null(metrics.Result().Auc);
    }
}
