using System.Globalization;
using System.Text;
using Juoku.Forest.Reading;

namespace Juoku.Forest.Tests.Reading;

public sealed class NumberReaderTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("1.0000000180025095e-35")]
    [InlineData("9007199254740993")]
    [InlineData("9007199254740992.5")]
    [InlineData("0.50000000000000011102230246251565404236316680908203125")]
    [InlineData("4.9406564584124654e-324")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("1.7976931348623157e+308")]
    [InlineData("1.7976931348623159e+308")]
    [InlineData("0.00012345678901234567")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("1e23")]
    [InlineData("8.5e-27")]
    [InlineData("1e99999999999")]
    [InlineData("1e-99999999999")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("+3.25E+1")]
    public void TryDouble_DecimalText_IsTheNearestDouble(string text)
    {
        Assert.True(NumberReader.TryDouble(Encoding.ASCII.GetBytes(text), out double number));
        Assert.Equal(BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture)), BitConverter.DoubleToInt64Bits(number));
    }

    [Theory]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("nan", double.NaN)]
    [InlineData("-nan", double.NaN)]
    public void TryDouble_NameOfC_IsThatValue(string text, double expected)
    {
        Assert.True(NumberReader.TryDouble(Encoding.ASCII.GetBytes(text), out double number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1e-")]
    [InlineData("1.2.3")]
    [InlineData("0x10")]
    [InlineData("1,5")]
    [InlineData("in")]
    [InlineData("1f")]
    public void TryDouble_NotANumber_IsRefused(string text) => Assert.False(NumberReader.TryDouble(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void TryDouble_RandomTexts_AreTheNearestDoubles()
    {
        var random = new Random(20261123);
        byte[] text = new byte[64];
        string[] formats = ["R", "G17", "E16", "E18", "G6", "F6"];
        for (int i = 0; i < 300_000; i++)
        {
            double value = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64()),
                1 => random.NextDouble() * Math.Pow(10, random.Next(-40, 40)),
                2 => random.Next() / 1000.0,
                _ => (random.NextInt64(1L << 54) * 2) + 1,
            };
            if (!double.IsFinite(value)) continue;
            string format = formats[random.Next(formats.Length)];
            if (format == "F6" && Math.Abs(value) > 1e30) format = "R";
            if (!value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture)) continue;
            Assert.True(NumberReader.TryDouble(text.AsSpan(0, length), out double number));
            double expected = double.Parse(text.AsSpan(0, length), CultureInfo.InvariantCulture);
            if (BitConverter.DoubleToInt64Bits(expected) != BitConverter.DoubleToInt64Bits(number))
                Assert.Fail($"{Encoding.ASCII.GetString(text, 0, length)} was read as {number:R}");
        }
    }

    [Theory]
    [InlineData("2147483647", true)]
    [InlineData("-2147483648", true)]
    [InlineData("2147483648", false)]
    [InlineData("-2147483649", false)]
    [InlineData("99999999999999999999", false)]
    [InlineData("1.5", false)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("--1", false)]
    public void TryInt_Text_IsReadWhenItFits(string text, bool fits)
    {
        Assert.Equal(fits, NumberReader.TryInt(Encoding.ASCII.GetBytes(text), out int number));
        if (fits) Assert.Equal(int.Parse(text, CultureInfo.InvariantCulture), number);
    }
}
