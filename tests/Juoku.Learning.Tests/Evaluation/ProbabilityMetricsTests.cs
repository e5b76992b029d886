using CsCheck;
using Juoku.Learning.Evaluation;

namespace Juoku.Learning.Tests.Evaluation;

/// <summary>Every measure against its definition, computed pair by pair and row by row.</summary>
public sealed class ProbabilityMetricsTests
{
    // Few distinct scores, so that ties are common.
    private static readonly Gen<(double[] P, float[] Y, float[] W)> Rows =
        Gen.Select(Gen.Int[1, 19], Gen.Bool, Gen.Int[1, 5]).Array[2, 60].Select(rows => (
            rows.Select(row => row.Item1 / 20.0).ToArray(), rows.Select(row => row.Item2 ? 1f : 0f).ToArray(), rows.Select(row => (float)row.Item3).ToArray()));

    [Fact]
    public void Auc_OfAnyRows_IsTheShareOfPairsInOrder() => Rows.Sample((p, y, w) =>
    {
        double right = 0, pairs = 0;
        for (int i = 0; i < p.Length; i++)
        {
            for (int j = 0; j < p.Length; j++)
            {
                if (y[i] != 1 || y[j] != 0) continue;
                pairs += w[i] * w[j];
                right += w[i] * w[j] * (p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0);
            }
        }

        double? auc = ProbabilityMetrics.Of(p, y, w).Auc;
        if (pairs == 0) Assert.Null(auc);
        else Assert.Equal(right / pairs, auc!.Value, 1e-12);
    });

    [Fact]
    public void LogLossEntropyAndCalibration_OfAnyRows_AreTheirFormulas() => Rows.Sample((p, y, w) =>
    {
        double n = w.Sum(), loss = 0, clicks = 0, predicted = 0;
        for (int i = 0; i < p.Length; i++)
        {
            loss += w[i] * -(y[i] == 1 ? Math.Log(p[i]) : Math.Log(1 - p[i]));
            clicks += w[i] * y[i];
            predicted += w[i] * p[i];
        }

        ProbabilityMetrics metrics = ProbabilityMetrics.Of(p, y, w);
        double c = clicks / n;
        Assert.Equal(loss / n, metrics.LogLoss, 1e-12);
        Assert.Equal(predicted / n, metrics.MeanPrediction, 1e-12);
        if (c is > 0 and < 1) Assert.Equal(loss / n / -(c * Math.Log(c) + (1 - c) * Math.Log(1 - c)), metrics.NormalizedEntropy!.Value, 1e-10);
        if (c > 0) Assert.Equal(predicted / clicks, metrics.Calibration!.Value, 1e-12);
    });

    [Fact]
    public void AveragePrecision_OfAnyRows_IsPrecisionAtEachThresholdByTheRecallItAdds() => Rows.Sample((p, y, w) =>
    {
        double clicks = p.Select((_, i) => (double)w[i] * y[i]).Sum();
        double expected = 0, before = 0;
        foreach (double threshold in p.Distinct().OrderDescending())
        {
            int[] above = [.. Enumerable.Range(0, p.Length).Where(i => p[i] >= threshold)];
            double found = above.Sum(i => w[i] * y[i]);
            expected += (found - before) / clicks * found / above.Sum(i => w[i]);
            before = found;
        }

        double? actual = ProbabilityMetrics.Of(p, y, w).AveragePrecision;
        if (clicks == 0) Assert.Null(actual);
        else Assert.Equal(expected, actual!.Value, 1e-12);
    });

    [Fact]
    public void Weights_OfWholeNumbers_EqualDuplicatedRows() => Rows.Sample((p, y, w) =>
    {
        int[] copies = [.. Enumerable.Range(0, p.Length).SelectMany(i => Enumerable.Repeat(i, (int)w[i]))];
        ProbabilityMetrics weighted = ProbabilityMetrics.Of(p, y, w);
        ProbabilityMetrics copied = ProbabilityMetrics.Of([.. copies.Select(i => p[i])], [.. copies.Select(i => y[i])], [.. copies.Select(_ => 1f)]);

        Assert.Equal(copied.LogLoss, weighted.LogLoss, 1e-12);
        Assert.Equal(copied.Ece, weighted.Ece, 1e-12);
        Assert.Equal(copied.Auc ?? -1, weighted.Auc ?? -1, 1e-12);
    });

    [Fact]
    public void Bins_OfAnyRows_HoldThemAllInOrder() => Rows.Sample((p, y, w) =>
    {
        var bins = ReliabilityBin.Cut(Ranking.Of(p, y, w), 10);
        Assert.Equal(w.Sum(), bins.Sum(bin => bin.Weight), 1e-9);
        Assert.Equal(p.Select((_, i) => w[i] * y[i]).Sum(), bins.Sum(bin => bin.Weight * bin.Rate), 1e-9);
        Assert.All(bins.Zip(bins.Skip(1)), pair => Assert.True(pair.First.MeanPrediction < pair.Second.MeanPrediction));
        Assert.All(bins, bin => Assert.True(bin.Low <= bin.Rate + 1e-12 && bin.Rate <= bin.High + 1e-12));
    });

    [Fact]
    public void Ece_OfTwoBinsByHand_IsTheirMeanMiss()
    {
        // Ten rows at 0.1 with 2 clicks, ten at 0.5 with 4: misses 0.1 and 0.1.
        double[] p = [.. Enumerable.Repeat(0.1, 10), .. Enumerable.Repeat(0.5, 10)];
        float[] y = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        Assert.Equal(0.1, ProbabilityMetrics.Of(p, y, [.. Enumerable.Repeat(1f, 20)]).Ece, 1e-12);
    }

    [Fact]
    public void Psi_OfMovedShares_IsTheFormula()
    {
        var then = new FeatureShares("x", false, [1], [0.5, 0.4, 0.1]);
        FeatureDrift drift = FeatureDrift.Of(then, [0.25, 0.65, 0.1]);
        Assert.Equal(-0.25 * Math.Log(0.5) + 0.25 * Math.Log(0.65 / 0.4), drift.Psi, 1e-12);
        Assert.Equal(0, FeatureDrift.Of(then, then.Shares).Psi);
    }
}
