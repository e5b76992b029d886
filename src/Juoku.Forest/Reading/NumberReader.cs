using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

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
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Cuts the next token off; tokens are separated by spaces.</summary>
    public static bool TryToken(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> token)
    {
        int start = rest.IndexOfAnyExcept((byte)' ');
        if (start < 0) start = rest.Length;
        int length = rest[start..].IndexOf((byte)' ');
        if (length < 0) length = rest.Length - start;
        token = rest.Slice(start, length);
        rest = rest[(start + length)..];
        return length > 0;
    }

    /// <summary>Number of tokens.</summary>
    public static int CountTokens(ReadOnlySpan<byte> text)
    {
        int count = 0;
        while (TryToken(ref text, out _)) count++;
        return count;
    }

    /// <summary>Reads the decimal integer of at most 18 digits at <paramref name="at"/>, which moves behind its token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryInteger(ReadOnlySpan<byte> text, ref int at, out long number)
    {
        int next = at;
        bool negative = text[next] == '-';
        if (negative) next++;
        int first = next;
        number = 0;
        while ((uint)next < (uint)text.Length && (uint)(text[next] - '0') <= 9) number = (number * 10) + (text[next++] - '0');
        if (negative) number = -number;
        int digits = next - first;
        bool read = digits is > 0 and <= 18 && (next == text.Length || text[next] == ' ');
        if (read) at = next;
        return read;
    }

    /// <summary>Reads a token that is a decimal integer of 32 bits.</summary>
    public static bool TryInt(ReadOnlySpan<byte> token, out int number)
    {
        int at = 0;
        long value = 0;
        bool read = !token.IsEmpty && TryInteger(token, ref at, out value) && at == token.Length && value == (int)value;
        number = read ? (int)value : 0;
        return read;
    }

    /// <summary>Reads a token that is a number; <c>inf</c> and <c>nan</c> in the spellings of C are numbers too.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> token, out double number)
    {
        int at = 0;
        number = 0;
        return !token.IsEmpty && TryDouble(token, ref at, out number) && at == token.Length;
    }

    /// <summary>Reads the double nearest to the decimal number at <paramref name="at"/>, which moves behind its token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDouble(ReadOnlySpan<byte> text, ref int at, out double number)
    {
        int next = at;
        bool negative = text[next] == '-';
        if (negative) next++;

        // Only digits from the first that is not zero on count against the 19 that fit.
        int first = next;
        while ((uint)next < (uint)text.Length && text[next] == '0') next++;
        int start = next;
        ulong digits = 0;
        while ((uint)next < (uint)text.Length && (uint)(text[next] - '0') <= 9) digits = (digits * 10) + (uint)(text[next++] - '0');
        int significant = next - start;
        int written = next - first;
        int power = 0;
        if ((uint)next < (uint)text.Length && text[next] == '.')
        {
            int point = ++next;
            if (significant == 0)
                while ((uint)next < (uint)text.Length && text[next] == '0') next++;
            start = next;
            while ((uint)next < (uint)text.Length && (uint)(text[next] - '0') <= 9) digits = (digits * 10) + (uint)(text[next++] - '0');
            significant += next - start;
            written += next - point;
            power = point - next;
        }

        if ((uint)next < (uint)text.Length && text[next] is (byte)'e' or (byte)'E')
        {
            next++;
            if ((uint)next < (uint)text.Length && text[next] == '+') next++;
            long shift = 0;
            written = (uint)next < (uint)text.Length && TryInteger(text, ref next, out shift) ? written : 0;
            power = (int)Math.Clamp(power + shift, -1_000_000, 1_000_000);
        }

        if (written > 0 && significant <= 19 && (next == text.Length || text[next] == ' ') && TryRound(digits, power, out number))
        {
            if (negative) number = -number;
            at = next;
            return true;
        }

        return TryRare(text, ref at, out number);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRound(ulong digits, int power, out double number)
    {
        number = 0;
        if (digits == 0) return true;
        if (power is < LeastPower or > GreatestPower) return false;

        int shift = BitOperations.LeadingZeroCount(digits);
        digits <<= shift;
        ulong high = Math.BigMul(digits, Fives.High[power - LeastPower], out ulong low);
        if ((high & 0x1FF) == 0x1FF)
        {
            // The bits below those kept are all ones, so that a carry may reach them: take the other half of 5^q in.
            ulong carry = Math.BigMul(digits, Fives.Low[power - LeastPower], out _);
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryRare(ReadOnlySpan<byte> text, ref int at, out double number)
    {
        ReadOnlySpan<byte> rest = text[at..];
        TryToken(ref rest, out ReadOnlySpan<byte> token);
        bool read = TryExact(token, out number) || TryName(token, out number);
        if (read) at += token.Length;
        return read;
    }

    private static bool TryExact(ReadOnlySpan<byte> token, out double number) =>
        double.TryParse(token, Decimal, CultureInfo.InvariantCulture, out number);

    private static bool TryName(ReadOnlySpan<byte> token, out double number)
    {
        bool negative = token is [(byte)'-', ..];
        ReadOnlySpan<byte> name = token is [(byte)'-' or (byte)'+', ..] ? token[1..] : token;
        bool infinite = System.Text.Ascii.EqualsIgnoreCase(name, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "infinity"u8);
        number = !infinite ? double.NaN : negative ? double.NegativeInfinity : double.PositiveInfinity;
        return infinite || System.Text.Ascii.EqualsIgnoreCase(name, "nan"u8);
    }

    /// <summary>The leading 128 bits of the powers of five.</summary>
    private static class Fives
    {
        public static readonly ulong[] High = [.. Powers().Select(power => (ulong)(LeadingBits(power) >> 64))];
        public static readonly ulong[] Low = [.. Powers().Select(power => (ulong)LeadingBits(power))];

        private static IEnumerable<int> Powers() => Enumerable.Range(LeastPower, GreatestPower - LeastPower + 1);

        /// <summary>Truncated, but rounded up where a product could be exact.</summary>
        private static UInt128 LeadingBits(int power)
        {
            BigInteger five = BigInteger.Pow(5, Math.Abs(power));
            int bits = (int)five.GetBitLength();
            if (power >= 0) return (UInt128)(bits <= 128 ? five << (128 - bits) : five >> (bits - 128));

            // 1 / five lies between 2^-bits and 2^(1 - bits), so this quotient has 128 bits. Up to 5^27 divides a 64-bit number without
            // a remainder, and only rounding up keeps such a quotient from falling just below its value.
            var quotient = (UInt128)((BigInteger.One << (bits + 127)) / five);
            return power >= -27 ? quotient + 1 : quotient;
        }
    }
}
