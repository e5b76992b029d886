using System.Globalization;
using System.Numerics;

namespace Juoku.Forest.Reading;

/// <summary>
/// Reads the numbers of a model text from UTF-8.
/// Doubles are rounded correctly, which raw scores that equal LightGBM's to the last bit depend on. The usual case, at most 19 digits
/// w · 10^q with a moderate q, takes one or two 64-bit products: w times the leading 128 bits of 5^q decides all bits of the
/// mantissa and its rounding (D. Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51, 2021).
/// What that cannot decide (subnormals, overflow, extreme exponents, more digits) goes to the run-time library, which is exact as well.
/// </summary>
internal static class NumberReader
{
    private const int LeastPower = -100;
    private const int GreatestPower = 60;
    private static readonly ulong[] FivesHigh = new ulong[GreatestPower - LeastPower + 1];
    private static readonly ulong[] FivesLow = new ulong[GreatestPower - LeastPower + 1];

    static NumberReader()
    {
        for (int power = LeastPower; power <= GreatestPower; power++)
        {
            UInt128 bits = LeadingBits(power);
            FivesHigh[power - LeastPower] = (ulong)(bits >> 64);
            FivesLow[power - LeastPower] = (ulong)bits;
        }
    }

    /// <summary>Cuts the next token off; tokens are separated by spaces.</summary>
    public static bool TryToken(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> token)
    {
        int start = 0;
        while (start < rest.Length && rest[start] == ' ') start++;
        int end = start;
        while (end < rest.Length && rest[end] != ' ') end++;
        token = rest[start..end];
        rest = rest[end..];
        return end > start;
    }

    /// <summary>Number of tokens.</summary>
    public static int CountTokens(ReadOnlySpan<byte> text)
    {
        int count = 0;
        while (TryToken(ref text, out _)) count++;
        return count;
    }

    /// <summary>Reads a decimal integer that fits 32 bits.</summary>
    public static bool TryInt(ReadOnlySpan<byte> token, out int number)
    {
        bool negative = token is [(byte)'-', ..];
        bool read = TryDigits(negative ? token[1..] : token, out long digits) && digits <= int.MaxValue + (negative ? 1L : 0L);
        number = read ? (int)(negative ? -digits : digits) : 0;
        return read;
    }

    /// <summary>Reads an unsigned decimal integer that fits 32 bits.</summary>
    public static bool TryWord(ReadOnlySpan<byte> token, out uint number)
    {
        bool read = TryDigits(token, out long digits) && digits <= uint.MaxValue;
        number = read ? (uint)digits : 0;
        return read;
    }

    /// <summary>Reads the double nearest to a decimal number; <c>inf</c> and <c>nan</c> in the spellings of C are numbers too.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> token, out double number)
    {
        ulong digits = 0;
        int exponent = 0;
        int at = 0;
        bool negative = false;
        if (at < token.Length && token[at] is (byte)'-' or (byte)'+') negative = token[at++] == '-';

        // Only digits from the first that is not zero on count against the 19 that fit.
        int first = at;
        while (at < token.Length && token[at] == '0') at++;
        int start = at;
        while (at < token.Length && (uint)(token[at] - '0') <= 9) digits = (digits * 10) + (uint)(token[at++] - '0');
        int significant = at - start;
        int written = at - first;
        if (at < token.Length && token[at] == '.')
        {
            int point = ++at;
            if (significant == 0)
                while (at < token.Length && token[at] == '0') at++;
            start = at;
            while (at < token.Length && (uint)(token[at] - '0') <= 9) digits = (digits * 10) + (uint)(token[at++] - '0');
            significant += at - start;
            exponent = point - at;
            written += at - point;
        }

        if (written == 0) return TryName(token, out number);
        if (at < token.Length && token[at] is (byte)'e' or (byte)'E')
        {
            ReadOnlySpan<byte> power = token[(at + 1)..];
            if (power is [(byte)'+', ..]) power = power[1..];
            if (!TryInt(power, out int shift)) return TryExact(token, out number);
            at = token.Length;
            exponent = (int)Math.Clamp((long)exponent + shift, -1_000_000, 1_000_000);
        }

        if (at < token.Length)
        {
            number = 0;
            return false;
        }

        if (significant > 19 || !TryRound(digits, exponent, out number)) return TryExact(token, out number);
        if (negative) number = -number;
        return true;
    }

    private static bool TryRound(ulong digits, int power, out double number)
    {
        number = 0;
        if (digits == 0) return true;
        if (power is < LeastPower or > GreatestPower) return false;

        int shift = BitOperations.LeadingZeroCount(digits);
        digits <<= shift;
        ulong high = Math.BigMul(digits, FivesHigh[power - LeastPower], out ulong low);
        if ((high & 0x1FF) == 0x1FF)
        {
            // The bits below those kept are all ones, so that a carry may reach them: take the other half of 5^q in.
            ulong carry = Math.BigMul(digits, FivesLow[power - LeastPower], out _);
            low += carry;
            if (low < carry) high++;
            if (low == ulong.MaxValue) return false;
        }

        int top = (int)(high >> 63);
        ulong mantissa = high >> (top + 9);
        int exponent = (((152170 + 65536) * power) >> 16) + 63 + top - shift + 1023;
        if (exponent <= 0) return false;

        // Exactly half-way between two doubles, which only these powers allow: to even.
        if (low <= 1 && power is >= -4 and <= 23 && (mantissa & 3) == 1 && mantissa << (top + 9) == high) mantissa &= ~1UL;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        if (mantissa >= 1UL << 53)
        {
            mantissa = 1UL << 52;
            exponent++;
        }

        if (exponent >= 0x7FF) return false;
        number = BitConverter.UInt64BitsToDouble((mantissa & ~(1UL << 52)) | ((ulong)exponent << 52));
        return true;
    }

    private static bool TryExact(ReadOnlySpan<byte> token, out double number) =>
        double.TryParse(token, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);

    private static bool TryName(ReadOnlySpan<byte> token, out double number)
    {
        bool negative = token is [(byte)'-', ..];
        ReadOnlySpan<byte> name = token is [(byte)'-' or (byte)'+', ..] ? token[1..] : token;
        bool infinite = System.Text.Ascii.EqualsIgnoreCase(name, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "infinity"u8);
        number = !infinite ? double.NaN : negative ? double.NegativeInfinity : double.PositiveInfinity;
        return infinite || System.Text.Ascii.EqualsIgnoreCase(name, "nan"u8);
    }

    private static bool TryDigits(ReadOnlySpan<byte> token, out long number)
    {
        number = 0;
        if (token.IsEmpty) return false;
        foreach (byte digit in token)
        {
            if ((uint)(digit - '0') > 9 || number > uint.MaxValue) return false;
            number = (number * 10) + (digit - '0');
        }

        return true;
    }

    /// <summary>The leading 128 bits of 5^<paramref name="power"/>: truncated, but rounded up where a product could be exact.</summary>
    private static UInt128 LeadingBits(int power)
    {
        BigInteger five = BigInteger.Pow(5, Math.Abs(power));
        int bits = (int)five.GetBitLength();
        if (power >= 0) return (UInt128)(bits <= 128 ? five << (128 - bits) : five >> (bits - 128));

        // 1 / five lies between 2^-bits and 2^(1 - bits), so this quotient has 128 bits. Up to 5^27 divides a 64-bit number without
        // a remainder, and only rounding up keeps such a quotient from falling just below its value.
        UInt128 quotient = (UInt128)((BigInteger.One << (bits + 127)) / five);
        return power >= -27 ? quotient + 1 : quotient;
    }
}
