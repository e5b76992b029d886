using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Juoku.Batch.Tables;

namespace Juoku.Learning.Training;

/// <summary>
/// The distinct values of a column, numbered as they are met, and how often each was met. Values are kept as text: strings as they are, numbers
/// in their shortest form, as a category map has them.
/// </summary>
public sealed class ValueNames
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _names = [];
    private readonly List<long> _counts = [];
    private char[] _text = new char[64];

    /// <summary>No values yet.</summary>
    public ValueNames() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The values, by number.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>How often each was met, by number.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Numbers the values of a column, −1 where there is none.</summary>
    /// <param name="values">The column's values.</param>
    /// <param name="type">Its type.</param>
    /// <param name="numbers">Receives one number a row.</param>
    public void Add(KeyBuffer values, KeyColumn type, Span<int> numbers)
    {
        bool unsigned = type.Logical is ParquetSharp.IntLogicalType { IsSigned: false };
        int next = 0;
        for (int row = 0; row < numbers.Length; row++)
        {
            if (values.Present[row] == 0)
            {
                numbers[row] = -1;
                continue;
            }

            numbers[row] = Number(Text(values, next++, unsigned));
        }
    }

    private int Number(ReadOnlySpan<char> text)
    {
        if (!_lookup.TryGetValue(text, out int number))
        {
            number = _names.Count;
            string name = text.ToString();
            _names.Add(name);
            _counts.Add(0);
            _numbers.Add(name, number);
        }

        CollectionsMarshal.AsSpan(_counts)[number]++;
        return number;
    }

    private ReadOnlySpan<char> Text(KeyBuffer values, int index, bool unsigned) => values switch
    {
        BytesKeyBuffer bytes => Decode(bytes.Bytes.AsSpan(bytes[index])),
        KeyBuffer<int> ints => unsigned ? Format((uint)ints.Values[index]) : Format(ints.Values[index]),
        KeyBuffer<long> longs => unsigned ? Format((ulong)longs.Values[index]) : Format(longs.Values[index]),
        KeyBuffer<bool> bools => bools.Values[index] ? "true" : "false",
        KeyBuffer<float> floats => Format((double)floats.Values[index]),
        KeyBuffer<double> doubles => Format(doubles.Values[index]),
        _ => throw new NotSupportedException($"a column of {values.GetType().Name} holds no names"),
    };

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes)
    {
        if (_text.Length < bytes.Length) _text = new char[Math.Max(bytes.Length, 2 * _text.Length)];
        return _text.AsSpan(0, Encoding.UTF8.GetChars(bytes, _text));
    }

    private ReadOnlySpan<char> Format<T>(T value)
        where T : ISpanFormattable
    {
        value.TryFormat(_text, out int length, default, CultureInfo.InvariantCulture);
        return _text.AsSpan(0, length);
    }
}
