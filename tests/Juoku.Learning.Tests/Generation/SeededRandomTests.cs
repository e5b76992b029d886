using Juoku.Learning.Generation;

namespace Juoku.Learning.Tests.Generation;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextBits_OfASeed_NeverChange() =>
        Assert.Equal(Bits(new SeededRandom(42)), Bits(new SeededRandom(42)));

    [Fact]
    public void Streams_OfOneSeed_Differ() =>
        Assert.NotEqual(Bits(new SeededRandom(42, stream: 1)), Bits(new SeededRandom(42, stream: 2)));

    [Fact]
    public void NextNormal_OverManyDraws_HasMeanZeroAndVarianceOne()
    {
        var random = new SeededRandom(1);
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextNormal())];
        Assert.Equal(0, draws.Average(), 0.02);
        Assert.Equal(1, draws.Average(x => x * x), 0.02);
    }

    [Fact]
    public void NextInt_OverManyDraws_ReachesEveryValueBelowTheLimit()
    {
        var random = new SeededRandom(2);
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(0, 1_000).Select(_ => random.NextInt(5)).Distinct().Order());
    }

    [Fact]
    public void Zipf_OverManyDraws_FavoursLowCodesAndStaysInRange()
    {
        var zipf = new ZipfDistribution(50, 1.1);
        var random = new SeededRandom(3);
        int[] counts = new int[50];
        for (int i = 0; i < 100_000; i++) counts[zipf.Next(random)]++;
        Assert.InRange(counts[0] / (double)counts[1], 1.9, 2.4);
        Assert.All(counts, count => Assert.True(count > 0));
    }

    private static ulong[] Bits(SeededRandom random) => [.. Enumerable.Range(0, 100).Select(_ => random.NextBits())];
}
