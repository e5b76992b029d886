using System.Text;

namespace Juoku.Forest.Reading;

/// <summary>The fields that one part of a model text may have.</summary>
internal sealed class FieldNames(params string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public int Count => names.Length;

    public string this[int key] => names[key];

    /// <summary>Key of a name; −1 when it is none of these.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int key = 0; key < _utf8.Length; key++)
            if (name.SequenceEqual(_utf8[key])) return key;
        return -1;
    }
}

/// <summary>Where the fields of the header or of one tree stand, by key; nothing is parsed before it is asked for.</summary>
/// <param name="text">The whole text.</param>
/// <param name="names">What fields there may be.</param>
/// <param name="places">Room for three numbers a field.</param>
/// <param name="source">Name of the text in errors.</param>
/// <param name="tree">Number of the tree; −1 for the header.</param>
/// <param name="line">Line to blame when a field is missing.</param>
internal readonly ref struct FieldTable(ReadOnlySpan<byte> text, FieldNames names, Span<int> places, string source, int tree, int line)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly Span<int> _places = places;

    private string Owner => tree < 0 ? "the header" : $"tree {tree}";

    /// <summary>Whether the field was there.</summary>
    public bool Has(int key) => _places[3 * key] > 0;

    /// <summary>Notes the current line, <c>name=value</c> or only a name, whose key is known.</summary>
    public void Add(int key, in LineReader lines)
    {
        if (Has(key)) throw Fault(lines.Line, $"has {names[key]} twice: {Remedy.Edited}");
        int value = lines.Current.IndexOf((byte)'=') + 1;
        if (value == 0) value = lines.Current.Length;
        _places[3 * key] = lines.Line;
        _places[(3 * key) + 1] = lines.Start + value;
        _places[(3 * key) + 2] = lines.Current.Length - value;
    }

    /// <summary>A field that has to be there.</summary>
    public Field this[int key] => Has(key)
        ? new Field(source, _places[3 * key], names[key], _text.Slice(_places[(3 * key) + 1], _places[(3 * key) + 2]))
        : throw Fault(line, $"has no {names[key]}: {Remedy.Edited}");

    /// <summary>An error about this part of the text.</summary>
    public ModelFormatException Fault(int at, string problem) => new(source, at, $"{Owner} {problem}.");
}
