using System.Runtime.CompilerServices;
using System.Text;

namespace Juoku.Forest.Reading;

/// <summary>The value of one <c>name=value</c> line of a model text, and where it stands, so that every fault can be located.</summary>
internal readonly ref struct Field(string source, int line, string name, ReadOnlySpan<byte> value)
{
    public int Line => line;

    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The value as text.</summary>
    public string Text => Encoding.UTF8.GetString(Value);

    /// <summary>The value as one integer of at least <paramref name="least"/>.</summary>
    public int Int(int least)
    {
        ReadOnlySpan<byte> rest = Value;
        if (!NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> token)) throw Fault("has no value");
        if (NumberReader.TryToken(ref rest, out _)) throw Fault("has more than one value");
        if (!NumberReader.TryInt(token, out int number) || number < least) throw NotANumber(0, $"a whole number of at least {least}");
        return number;
    }

    /// <summary>The value as exactly <paramref name="count"/> integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int[] Ints(int count)
    {
        int[] numbers = Room<int>(count);
        ReadOnlySpan<byte> text = Value;
        int at = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            while ((uint)at < (uint)text.Length && text[at] == ' ') at++;
            if (at >= text.Length) throw TooFew(i, count);
            if (!NumberReader.TryInteger(text, ref at, out long number) || number != (int)number) throw NotANumber(i, "a whole number");
            numbers[i] = (int)number;
        }

        return text[at..].IndexOfAnyExcept((byte)' ') < 0 ? numbers : throw TooMany(count);
    }

    /// <summary>The value as exactly <paramref name="count"/> unsigned 32-bit words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public uint[] Words(int count)
    {
        uint[] numbers = Room<uint>(count);
        ReadOnlySpan<byte> text = Value;
        int at = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            while ((uint)at < (uint)text.Length && text[at] == ' ') at++;
            if (at >= text.Length) throw TooFew(i, count);
            if (!NumberReader.TryInteger(text, ref at, out long number) || number != (uint)number) throw NotANumber(i, "a 32-bit word");
            numbers[i] = (uint)number;
        }

        return text[at..].IndexOfAnyExcept((byte)' ') < 0 ? numbers : throw TooMany(count);
    }

    /// <summary>The value as exactly <paramref name="count"/> doubles, each the one nearest to its decimal text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double[] Doubles(int count)
    {
        double[] numbers = Room<double>(count);
        ReadOnlySpan<byte> text = Value;
        int at = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            while ((uint)at < (uint)text.Length && text[at] == ' ') at++;
            if (at >= text.Length) throw TooFew(i, count);
            if (!NumberReader.TryDouble(text, ref at, out numbers[i])) throw NotANumber(i, "a number");
        }

        return text[at..].IndexOfAnyExcept((byte)' ') < 0 ? numbers : throw TooMany(count);
    }

    /// <summary>An error about this field: its name, <paramref name="problem"/> and what to do make one sentence.</summary>
    public ModelFormatException Fault(string problem, string remedy = Remedy.Edited) => new(source, line, $"{name} {problem}: {remedy}.");

    // A count comes from the file too: it is believed only when the line is long enough to hold that many numbers.
    private T[] Room<T>(int count) => count <= (Value.Length + 1) / 2 ? new T[count] : throw TooFew(NumberReader.CountTokens(Value), count);

    private ModelFormatException TooFew(int found, int expected) =>
        Fault($"has {found} of {expected} values");

    private ModelFormatException TooMany(int expected) =>
        Fault($"has more than {expected} values");

    private ModelFormatException NotANumber(int place, string expected)
    {
        ReadOnlySpan<byte> rest = Value;
        for (int i = 0; i < place; i++) NumberReader.TryToken(ref rest, out _);
        NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> token);
        return Fault($"holds '{Shown(token)}', not {expected}");
    }

    /// <summary>A piece of the text for a message: short, printable, on one line.</summary>
    public static string Shown(ReadOnlySpan<byte> text) => Shown(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 200)]));

    /// <inheritdoc cref="Shown(ReadOnlySpan{byte})"/>
    public static string Shown(string text)
    {
        const int longest = 40;
        string shown = string.Concat(text.Take(longest).Select(c => char.IsControl(c) ? '?' : c));
        return text.Length > longest ? shown + '…' : shown;
    }
}
