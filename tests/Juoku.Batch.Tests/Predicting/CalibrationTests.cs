using System.Text;
using CsCheck;
using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;

namespace Juoku.Batch.Tests.Predicting;

public sealed class CalibrationTests
{
    private static readonly CalibrationCurve Curve = new("isotonic", [0, 0.1, 0.3, 1], [0, 0.02, 0.02, 0.9]);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.05, 0.01)]
    [InlineData(0.1, 0.02)]
    [InlineData(0.2, 0.02)]
    [InlineData(0.65, 0.46)]
    [InlineData(1, 0.9)]
    public void Curve_BetweenPoints_IsLinear(double before, double expected) => Assert.Equal(expected, Apply(new Calibration([Curve]), before), 1e-15);

    [Fact]
    public void Correction_OfWhatDownSamplingDid_GivesTheRateBack()
    {
        // 1 click in 100; a tenth of the rest kept: the sampled rate is 1 / (1 + 9.9).
        double p = Apply(new Calibration([new DownSamplingCorrection(0.1)]), 1 / 10.9);
        Assert.Equal(0.01, p, 1e-15);
    }

    [Fact]
    public void Apply_OfSeveralSteps_GoesInOrder()
    {
        var both = new Calibration([new DownSamplingCorrection(0.5), Curve]);
        Assert.Equal(Apply(new Calibration([Curve]), Apply(new Calibration([new DownSamplingCorrection(0.5)]), 0.4)), Apply(both, 0.4));
    }

    [Fact]
    public void Apply_ToNaN_LeavesIt() => Assert.True(double.IsNaN(Apply(new Calibration([new DownSamplingCorrection(0.5), Curve]), double.NaN)));

    [Fact]
    public void Apply_Always_IsMonotoneAndWithinZeroAndOne() =>
        Gen.Select(Gen.Double[0, 1].Array[2, 12], Gen.Double[0, 1].Array[12], Gen.Double[1e-4, 1], Gen.Double[0, 1].Array[50]).Sample(
            (froms, tos, rate, probabilities) =>
            {
                double[] from = [.. froms.Distinct().Order()];
                double[] to = [.. tos.Take(from.Length).Order()];
                var calibration = new Calibration([new DownSamplingCorrection(rate), new CalibrationCurve("isotonic", [.. from], [.. to])]);
                double[] sorted = [.. probabilities.Order()];
                calibration.Apply(sorted);
                for (int i = 0; i < sorted.Length; i++)
                {
                    Assert.InRange(sorted[i], 0, 1);
                    Assert.True(i == 0 || sorted[i] >= sorted[i - 1]);
                }
            },
            iter: 2_000);

    [Fact]
    public void Json_ThereAndBack_KeepsEveryBit()
    {
        var calibration = new Calibration([new DownSamplingCorrection(1.0 / 3), new CalibrationCurve("platt", [0, 0.1 + 0.2, 1], [0, Math.PI / 10, 1])]);
        Calibration read = Calibration.Parse(calibration.ToJson(), "x");

        Assert.Equal(calibration.ToJson(), read.ToJson());
        Assert.Equal(calibration.Steps[0], read.Steps[0]);
        Assert.Equal(((CalibrationCurve)calibration.Steps[1]).To, ((CalibrationCurve)read.Steps[1]).To);
        Assert.Contains("\"kind\": \"down_sampling\"", Encoding.UTF8.GetString(calibration.ToJson()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"steps\": [{\"kind\": \"magic\"}]}")]
    [InlineData("{\"steps\": [{\"kind\": \"down_sampling\", \"rate\": 0}]}")]
    [InlineData("{\"steps\": [{\"kind\": \"down_sampling\"}]}")]
    [InlineData("{\"steps\": [{\"kind\": \"curve\", \"method\": \"isotonic\", \"from\": [0, 0.5], \"to\": [0.5, 0.2]}]}")]
    [InlineData("{\"steps\": [{\"kind\": \"curve\", \"method\": \"isotonic\", \"from\": [], \"to\": []}]}")]
    [InlineData("{\"stpes\": []}")]
    public void Parse_OfAnythingElse_NamesTheFileAndTheWayOut(string json)
    {
        var error = Assert.Throws<TableException>(() => Calibration.Parse(Encoding.UTF8.GetBytes(json), "m.calibration.json"));
        Assert.StartsWith("m.calibration.json: not a calibration (", error.Message);
        Assert.Contains("--no-calibration", error.Message);
    }

    private static double Apply(Calibration calibration, double p)
    {
        calibration.Apply(new Span<double>(ref p));
        return p;
    }
}
