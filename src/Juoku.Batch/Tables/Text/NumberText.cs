using System.Globalization;
using System.Text;

namespace Juoku.Batch.Tables.Text;

/// <summary>
/// Numbers in CSV and TSV, read as LightGBM reads them (spaces around, <c>na</c>, <c>nan</c> and <c>null</c> in any case and an empty
/// field are missing) but rounded correctly. Most numbers have few enough digits for two exact operands and one rounded operation
/// (Clinger, 1990); the rest go through the framework's parser, which rounds correctly too.
/// </summary>
internal static class NumberText
{
    private const ulong LargestExact = 1UL << 53;

    private static ReadOnlySpan<double> ExactPowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads a whole field; a missing value is NaN. False when it is neither number nor missing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        text = text.Trim((byte)' ');
        if (text.IsEmpty || IsMissing(text))
        {
            value = double.NaN;
            return true;
        }

        if (TryParseInfinity(text, out value)) return true;

        // The framework also reads "∞" and the like; numbers begin with a sign, a digit or a point.
        return text[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.'
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture, out value);
    }

    /// <summary>
    /// Reads the number at <paramref name="p"/> when it can be done exactly with one operation.
    /// </summary>
    /// <param name="p">Text that ends in a byte that belongs to no number, such as a line feed.</param>
    /// <param name="value">The number.</param>
    /// <returns>The first byte after the number, or null: then ask <see cref="TryParse"/> for the whole field.</returns>
    public static unsafe byte* Scan(byte* p, out double value)
    {
        value = 0;
        bool negative = *p == '-';
        if (negative) p++;

        ulong digits = 0;
        byte* start = p;
        while (Digit(*p, out uint digit))
        {
            digits = digits * 10 + digit;
            p++;
        }

        int count = (int)(p - start);
        int exponent = 0;
        if (*p == '.')
        {
            byte* fraction = ++p;
            while (Digit(*p, out uint digit))
            {
                digits = digits * 10 + digit;
                p++;
            }

            exponent = (int)(fraction - p);
            count -= exponent;
        }

        if (count is 0 or > 19) return null;
        if ((*p | 0x20) == 'e')
        {
            p++;
            bool below = *p == '-';
            if (below || *p == '+') p++;
            byte* power = p;
            int written = 0;
            while (Digit(*p, out uint digit) && p - power < 5)
            {
                written = written * 10 + (int)digit;
                p++;
            }

            if (p == power) return null;
            exponent += below ? -written : written;
        }

        if (digits > LargestExact || exponent is < -22 or > 22) return null;
        double magnitude = digits;
        magnitude = exponent < 0 ? magnitude / ExactPowersOfTen[-exponent] : magnitude * ExactPowersOfTen[exponent];
        value = negative ? -magnitude : magnitude;
        return p;
    }

    private static bool Digit(byte b, out uint digit)
    {
        digit = (uint)(b - '0');
        return digit <= 9;
    }

    private static bool IsMissing(ReadOnlySpan<byte> text)
    {
        if (text[0] is (byte)'-' or (byte)'+') text = text[1..];
        return text.Length switch
        {
            2 => Ascii.EqualsIgnoreCase(text, "na"u8),
            3 => Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "n/a"u8),
            4 => Ascii.EqualsIgnoreCase(text, "null"u8) || Ascii.EqualsIgnoreCase(text, "none"u8),
            _ => false,
        };
    }

    private static bool TryParseInfinity(ReadOnlySpan<byte> text, out double value)
    {
        value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        if (text[0] is (byte)'-' or (byte)'+') text = text[1..];
        return Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "infinity"u8);
    }
}
