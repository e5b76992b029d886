using Juoku.Batch.Predicting;
using Juoku.Learning.Evaluation;
using Juoku.Learning.Training;

namespace Juoku.Learning.Tests.Evaluation;

public sealed class RecalibrationTests
{
    [Theory]
    [InlineData(CalibrationChoice.Auto)]
    [InlineData(CalibrationChoice.Platt)]
    [InlineData(CalibrationChoice.Isotonic)]
    public void Choose_WhenPredictionsAreTwiceTheRate_KeepsOneThatHelps(CalibrationChoice choice)
    {
        ScoredRows fit = Rows(40_000, 1, p => 2 * p), judge = Rows(40_000, 2, p => 2 * p);
        Recalibration outcome = Recalibration.Choose(choice, fit, judge);

        Assert.NotNull(outcome.Kept);
        double[] calibrated = [.. judge.Probabilities];
        outcome.Kept.Apply(calibrated);
        ProbabilityMetrics after = ProbabilityMetrics.Of(calibrated, judge.Labels, judge.Weights);
        Assert.InRange(after.Calibration!.Value, 0.95, 1.05);
        Assert.True(after.LogLoss < outcome.LogLossWithout);
    }

    [Fact]
    public void Choose_WhenPredictionsAreRight_KeepsHardlyAnything()
    {
        ScoredRows judge = Rows(20_000, 4, p => p);
        Recalibration outcome = Recalibration.Choose(CalibrationChoice.Isotonic, Rows(3_000, 3, p => p), judge);

        Assert.Null(outcome.Kept);
        Assert.Contains("did not lower the log loss", outcome.Reason);
        Assert.Single(outcome.Tried);
    }

    [Fact]
    public void Choose_WithoutDaysToFitOn_SaysWhy() =>
        Assert.Contains("hold out two", Recalibration.Choose(CalibrationChoice.Auto, null, Rows(100, 5, p => p)).Reason);

    [Fact]
    public void Platt_OfKnownScaling_FindsIt()
    {
        ScoredRows rows = Rows(200_000, 6, p => 1 / (1 + Math.Exp(-(Math.Log(p / (1 - p)) - 0.7) / 1.3)));
        CalibrationCurve curve = CalibrationFit.Platt(rows.Probabilities, rows.Labels, rows.Weights)!;
        double[] p = [0.02, 0.1, 0.3];
        double[] expected = [.. p.Select(value => 1 / (1 + Math.Exp(-(1.3 * Math.Log(value / (1 - value)) + 0.7))))];
        curve.Apply(p);

        for (int i = 0; i < p.Length; i++) Assert.InRange(p[i] / expected[i], 0.95, 1.05);
    }

    [Fact]
    public void Fits_Always_AreMonotone()
    {
        ScoredRows rows = Rows(20_000, 7, p => 0.3 + p / 10);
        foreach (CalibrationCurve? curve in (CalibrationCurve?[])[CalibrationFit.Platt(rows.Probabilities, rows.Labels, rows.Weights), CalibrationFit.Isotonic(rows.Probabilities, rows.Labels, rows.Weights)])
        {
            Assert.NotNull(curve);
            curve.Validate();
        }
    }

    [Fact]
    public void Isotonic_WithFewClicks_IsNotFitted()
    {
        ScoredRows rows = Rows(100, 8, p => p);
        Assert.Null(CalibrationFit.Isotonic(rows.Probabilities, rows.Labels, rows.Weights));
    }

    /// <summary>Rows clicked with probabilities around 8 %, and what a model says of them.</summary>
    private static ScoredRows Rows(int count, int seed, Func<double, double> said)
    {
        var random = new Random(seed);
        var rows = new ScoredRows(count, [], hasTruth: false);
        for (int i = 0; i < count; i++)
        {
            double p = 1 / (1 + Math.Exp(2.7 - random.NextDouble() * 2 + random.NextDouble()));
            rows.Probabilities[i] = said(p);
            rows.Labels[i] = random.NextDouble() < p ? 1 : 0;
            rows.Weights[i] = 1;
        }

        return rows;
    }
}
