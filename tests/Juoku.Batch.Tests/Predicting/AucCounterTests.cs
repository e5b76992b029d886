using CsCheck;
using Juoku.Batch.Predicting;

namespace Juoku.Batch.Tests.Predicting;

public sealed class AucCounterTests
{
    private static readonly Gen<(double Score, bool Positive)[]> Rows = Gen.Select(Gen.Int[0, 20].Select(i => i / 20.0), Gen.Bool).Array[0, 60];

    [Fact]
    public void Result_FewRows_CountsEveryPair() => Rows.Sample(rows =>
    {
        var counter = new AucCounter();
        foreach ((double score, bool positive) in rows) counter.Add(score, positive);

        Assert.Equal(ByPairs(rows), counter.Result()?.Auc);
    });

    [Fact]
    public void Result_MoreRowsThanMemory_StaysWithinItsBound() => Rows.Sample(rows =>
    {
        var counter = new AucCounter(exactRows: 15, bins: 6);
        foreach ((double score, bool positive) in rows) counter.Add(score, positive);

        if (ByPairs(rows) is not { } exact)
        {
            Assert.Null(counter.Result());
            return;
        }

        (double auc, double error) = counter.Result()!.Value;
        Assert.InRange(exact, auc - error - 1e-12, auc + error + 1e-12);
    });

    [Fact]
    public void Result_ManyRows_HasASmallBound()
    {
        var counter = new AucCounter(exactRows: 10_000, bins: 1 << 12);
        var random = new Random(3);
        for (int i = 0; i < 100_000; i++)
        {
            double score = random.NextDouble();
            counter.Add(score, random.NextDouble() < score);
        }

        Assert.InRange(counter.Result()!.Value.Error, 1e-9, 5e-4);
        Assert.InRange(counter.Result()!.Value.Auc, 0.82, 0.85);
    }

    private static double? ByPairs((double Score, bool Positive)[] rows)
    {
        double below = 0, pairs = 0;
        foreach ((double score, bool _) in rows.Where(row => row.Positive))
        {
            foreach ((double other, bool _) in rows.Where(row => !row.Positive))
            {
                pairs++;
                below += other < score ? 1 : other == score ? 0.5 : 0;
            }
        }

        return pairs == 0 ? null : below / pairs;
    }
}
