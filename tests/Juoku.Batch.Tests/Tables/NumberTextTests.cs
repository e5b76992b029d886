using System.Globalization;
using System.Text;
using CsCheck;
using Juoku.Batch.Tables.Text;

namespace Juoku.Batch.Tests.Tables;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("-0", -0.0)]
    [InlineData("+7", 7.0)]
    [InlineData("  12  ", 12.0)]
    [InlineData("5.", 5.0)]
    [InlineData(".5", 0.5)]
    [InlineData("1e3", 1000.0)]
    [InlineData("-2.5E-3", -0.0025)]
    [InlineData("9007199254740993", 9007199254740992.0)]
    [InlineData("123456789012345678901234567890", 1.2345678901234568e29)]
    [InlineData("4.9406564584124654e-324", double.Epsilon)]
    [InlineData("1e400", double.PositiveInfinity)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    public void TryParse_Number_IsRoundedCorrectly(string text, double expected)
    {
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("na")]
    [InlineData("NA")]
    [InlineData("NaN")]
    [InlineData("-nan")]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("N/A")]
    [InlineData("None")]
    public void TryParse_Missing_IsNaN(string text)
    {
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value));
        Assert.True(double.IsNaN(value));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1,5")]
    [InlineData("1_000")]
    [InlineData("0x10")]
    [InlineData("1e")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("∞")]
    [InlineData("$3")]
    [InlineData("1 2")]
    [InlineData(".")]
    [InlineData("-")]
    public void TryParse_SomethingElse_IsRefused(string text) => Assert.False(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Scan_AnyNumber_EqualsTheFrameworksParser()
    {
        Gen<string> shortest = Gen.Double.Where(double.IsFinite).Select(value => value.ToString("R", CultureInfo.InvariantCulture));
        Gen<string> written = Gen.Select(Gen.String["0123456789"], Gen.String["0123456789"], Gen.Int[-30, 30], Gen.Bool)
            .Where(parts => parts.Item1.Length > 0)
            .Select((whole, fraction, exponent, sign) => $"{(sign ? "-" : "")}{whole}.{fraction}e{exponent}");
        Gen.OneOf(shortest, written).Sample(Agrees, iter: 20_000);
    }

    private static unsafe bool Agrees(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text + "\n");
        fixed (byte* p = bytes)
        {
            byte* end = NumberText.Scan(p, out double value);
            bool whole = end == null || end == p + bytes.Length - 1;
            double expected = double.Parse(text, CultureInfo.InvariantCulture);
            if (end == null) Assert.True(NumberText.TryParse(bytes.AsSpan(0, bytes.Length - 1), out value));
            return whole && BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(expected);
        }
    }
}
