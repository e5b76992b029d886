using System.Text;
using CsCheck;
using Juoku.Batch.Tables;

namespace Juoku.Batch.Tests.Tables;

public sealed class CategoryCodesTests
{
    [Fact]
    public void Lookup_KnownValue_GivesItsPlaceInTheList()
    {
        var codes = new CategoryCodes(["red", "green", "", "blå"]);

        Assert.Equal([0.0, 1.0, 2.0, 3.0, double.NaN], [codes["red"u8], codes["green"u8], codes[""u8], codes["blå"u8], codes["Red"u8]]);
    }

    [Fact]
    public void Lookup_NumberSpelledDifferently_FindsTheNumber()
    {
        var codes = new CategoryCodes(["1", "-2.5", "1000000"]);

        Assert.Equal([0.0, 1.0, 2.0], [codes["1.0"u8], codes["-2.50"u8], codes["1e6"u8]]);
        Assert.Equal([0.0, 2.0, double.NaN, double.NaN], [codes[1.0], codes[1e6], codes[3.0], codes[double.NaN]]);
    }

    [Theory]
    [InlineData("True", "False")]
    [InlineData("true", "false")]
    public void Lookup_Boolean_FindsEitherSpelling(string yes, string no)
    {
        var codes = new CategoryCodes([no, yes]);

        Assert.Equal(0, codes[false]);
        Assert.Equal(1, codes[true]);
    }

    [Fact]
    public void Lookup_EveryValueOfALargeMap_IsFound() =>
        Gen.String.Array.Select(values => values.Distinct().ToArray()).Sample(values =>
        {
            var codes = new CategoryCodes([.. values]);
            for (int code = 0; code < values.Length; code++)
            {
                // Surrogate halves have no UTF-8 of their own.
                byte[] utf8 = Encoding.UTF8.GetBytes(values[code]);
                if (Encoding.UTF8.GetString(utf8) == values[code]) Assert.Equal(code, codes[utf8]);
            }
        });
}
