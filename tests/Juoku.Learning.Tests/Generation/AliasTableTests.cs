using Juoku.Learning.Generation;

namespace Juoku.Learning.Tests.Generation;

public sealed class AliasTableTests
{
    [Fact]
    public void Next_OverManyDraws_FollowsTheWeights()
    {
        double[] weights = [1, 0, 4, 2.5, 0.5];
        var table = new AliasTable(weights);
        var random = new SeededRandom(3);
        var seen = new int[weights.Length];

        for (int i = 0; i < 200_000; i++) seen[table.Next(random)]++;

        for (int code = 0; code < weights.Length; code++) Assert.Equal(weights[code] / 8, seen[code] / 200_000.0, 0.005);
    }

    [Fact]
    public void Next_OfOneCode_IsThatCode() => Assert.Equal(0, new AliasTable([3]).Next(new SeededRandom(1)));
}
