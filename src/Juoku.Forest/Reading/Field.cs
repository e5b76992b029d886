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
        return NumberReader.TryInt(token, out int number) && number >= least ? number : throw NotANumber(token, $"a whole number of at least {least}");
    }

    /// <summary>The value as exactly <paramref name="count"/> integers.</summary>
    public int[] Ints(int count)
    {
        int[] numbers = Room<int>(count);
        ReadOnlySpan<byte> rest = Value;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> token)) throw TooFew(i, count);
            if (!NumberReader.TryInt(token, out numbers[i])) throw NotANumber(token, "a whole number");
        }

        return NumberReader.TryToken(ref rest, out _) ? throw TooMany(count) : numbers;
    }

    /// <summary>The value as exactly <paramref name="count"/> unsigned 32-bit words.</summary>
    public uint[] Words(int count)
    {
        uint[] numbers = Room<uint>(count);
        ReadOnlySpan<byte> rest = Value;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> token)) throw TooFew(i, count);
            if (!NumberReader.TryWord(token, out numbers[i])) throw NotANumber(token, "a 32-bit word");
        }

        return NumberReader.TryToken(ref rest, out _) ? throw TooMany(count) : numbers;
    }

    /// <summary>The value as exactly <paramref name="count"/> doubles, each the one nearest to its decimal text.</summary>
    public double[] Doubles(int count)
    {
        double[] numbers = Room<double>(count);
        ReadOnlySpan<byte> rest = Value;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> token)) throw TooFew(i, count);
            if (!NumberReader.TryDouble(token, out numbers[i])) throw NotANumber(token, "a number");
        }

        return NumberReader.TryToken(ref rest, out _) ? throw TooMany(count) : numbers;
    }

    /// <summary>An error about this field; <paramref name="problem"/> continues the sentence that its name begins.</summary>
    public ModelFormatException Fault(string problem) => new(source, line, $"{name} {problem}.");

    // A count comes from the file too: it is believed only when the line is long enough to hold that many numbers.
    private T[] Room<T>(int count) => count <= (Value.Length + 1) / 2 ? new T[count] : throw TooFew(NumberReader.CountTokens(Value), count);

    private ModelFormatException TooFew(int found, int expected) =>
        Fault($"has {found} of {expected} values: the model was cut or edited; save it again with LightGBM");

    private ModelFormatException TooMany(int expected) =>
        Fault($"has more than {expected} values: the model was edited; save it again with LightGBM");

    private ModelFormatException NotANumber(ReadOnlySpan<byte> token, string expected) =>
        Fault($"holds '{Shown(token)}', not {expected}: the model was cut or edited; save it again with LightGBM");

    /// <summary>A piece of the text for a message: short, printable, on one line.</summary>
    public static string Shown(ReadOnlySpan<byte> text)
    {
        const int longest = 40;
        var shown = new StringBuilder();
        foreach (char c in Encoding.UTF8.GetString(text[..Math.Min(text.Length, longest)])) shown.Append(char.IsControl(c) ? '?' : c);
        return text.Length > longest ? shown.Append('…').ToString() : shown.ToString();
    }
}
