using System.Numerics;
using Juoku.Forest.Scoring;

namespace Juoku.Forest.Tests.Scoring;

public sealed class OutputTransformsTests
{
    private static Ensemble Model(OutputTransform transform, int outputs = 1, double sigmoid = 1, bool averages = false, int trees = 4) => new()
    {
        Trees = [.. Enumerable.Repeat(new Tree { SplitFeature = [], Threshold = [], Decisions = [], LeftChild = [], RightChild = [], LeafValue = [0] }, trees * outputs)],
        FeatureNames = ["a"],
        OutputCount = outputs,
        AveragesOutput = averages,
        Objective = new Objective("test", transform, sigmoid),
    };

    private static double[] Apply(Ensemble model, params double[] scores)
    {
        OutputTransforms.Apply(model, scores);
        return scores;
    }

    [Fact]
    public void Exponential_ManyValues_IsOffByLessThanOneUlp()
    {
        double worst = 0;
        var random = new Random(1);
        for (int i = 0; i < 6_000; i++)
        {
            double x = (i % 4) switch
            {
                0 => (random.NextDouble() * 2) - 1,
                1 => (random.NextDouble() * 60) - 30,
                2 => (random.NextDouble() * 1400) - 700,
                _ => (random.Next(-1000, 1000) * Math.Log(2) / 2) + ((random.NextDouble() - 0.5) * 1e-9),
            };
            if (Math.Abs(x) > 700) continue;
            double actual = Exponential.Of(new Vector<double>(x))[0];
            BigInteger exact = ExactExponential(x, out int scale);
            BigInteger found = (BigInteger)(Math.ScaleB(actual, 52 - Math.ILogB(actual))) << (scale - 52 + Math.ILogB(actual));
            double ulps = (double)((found - exact) * 1000 / (BigInteger.One << (scale - 52 + Math.ILogB(actual)))) / 1000;
            worst = Math.Max(worst, Math.Abs(ulps));
            Assert.True(Math.Abs(ulps) < 1, $"exp({x:R}) is off by {ulps} ulp");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst: {worst} ulp");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(709.78271289338397, 1.797693134862273e308)]
    [InlineData(709.8, double.PositiveInfinity)]
    [InlineData(-745.13321910194111, double.Epsilon)]
    [InlineData(-745.2, 0)]
    [InlineData(-1e300, 0)]
    [InlineData(1e300, double.PositiveInfinity)]
    [InlineData(1e-320, 1)]
    public void Exponential_Extremes_AreExact(double x, double expected) =>
        Agreement.Near([expected], [Exponential.Of(new Vector<double>(x))[0]], 2e-13, "exp");

    [Fact]
    public void Exponential_Bits_AreTheSameOnEveryMachine()
    {
        // The sum was recorded with AVX-512; with SSE alone and without intrinsics it came out the same.
        ulong sum = 0;
        for (int i = -20_000; i <= 20_000; i++)
            sum = (sum * 31) + BitConverter.DoubleToUInt64Bits(Exponential.Of(new Vector<double>(i / 1024.0 * 1.3))[0]);
        Assert.Equal(15379808370600581623UL, sum);
    }

    [Fact]
    public void Apply_Sigmoid_IsTheSameWhereverTheRowLies()
    {
        Ensemble model = Model(OutputTransform.Sigmoid, sigmoid: 0.7);
        var random = new Random(2);
        double[] raw = [.. Enumerable.Range(0, 67).Select(_ => (random.NextDouble() * 80) - 40)];
        double[] together = Apply(model, [.. raw]);
        for (int i = 0; i < raw.Length; i++)
        {
            Assert.Equal(Apply(model, raw[i])[0], together[i]);
            Assert.Equal(1 / (1 + Math.Exp(-0.7 * raw[i])), together[i], 4e-16);
        }
    }

    [Fact]
    public void Apply_SigmoidOfExtremes_StaysWithinZeroAndOne() =>
        Assert.Equal([0, 1, 0, 1, 0.5, double.NaN], Apply(Model(OutputTransform.Sigmoid), double.NegativeInfinity, double.PositiveInfinity, -1e300, 1e300, 0, double.NaN));

    [Fact]
    public void Apply_Softmax_SumsToOneInEachRow()
    {
        double[] scores = Apply(Model(OutputTransform.Softmax, outputs: 3), 1, 2, 3, 1000, -1000, 1000);
        double sum = Math.Exp(-2) + Math.Exp(-1) + 1;
        Agreement.Near([Math.Exp(-2) / sum, Math.Exp(-1) / sum, 1 / sum, 0.5, 0, 0.5], scores, 4e-16, "softmax");
    }

    [Fact]
    public void Apply_LogOnePlusExp_IsPreciseForSmallAndLarge() =>
        Agreement.Near(
            [Math.Exp(-40), Math.Log(2), 40 + Math.Exp(-40), double.PositiveInfinity, 0, 9.9995000333308335e-05],
            Apply(Model(OutputTransform.LogOnePlusExp), -40, 0, 40, 800, double.NegativeInfinity, Math.Log(1e-4)),
            1e-15,
            "log1p(exp)");

    [Fact]
    public void Apply_SignedSquare_KeepsTheSign() => Assert.Equal([9, -9, 0], Apply(Model(OutputTransform.SignedSquare), 3, -3, -0.0));

    [Fact]
    public void Apply_AveragedOutput_DividesByIterationsBeforeTheTransform()
    {
        Assert.Equal([2.5, 1 / 4.0], Apply(Model(OutputTransform.Identity, averages: true), 10, 1));
        Assert.Equal(Apply(Model(OutputTransform.Sigmoid), 10 / 4.0), Apply(Model(OutputTransform.Sigmoid, averages: true), 10));
        Assert.Equal([0.5, 1], Apply(Model(OutputTransform.Identity, outputs: 2, averages: true), 2, 4));
    }

    /// <summary>e^x · 2^scale as a whole number, by the Taylor series of e^(x / 2^16) squared 16 times.</summary>
    private static BigInteger ExactExponential(double x, out int scale)
    {
        const int precision = 1400;
        const int halvings = 16;
        scale = precision;
        BigInteger argument = (BigInteger)(Math.ScaleB(x, 52 - Math.ILogB(x))) << (precision - 52 + Math.ILogB(x) - halvings);
        BigInteger term = BigInteger.One << precision;
        BigInteger sum = term;
        for (int n = 1; !term.IsZero && n < 200; n++)
        {
            term = (term * argument) / n >> precision;
            sum += term;
        }

        for (int i = 0; i < halvings; i++) sum = (sum * sum) >> precision;
        return sum;
    }
}
