using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using Juoku.Batch.Tables.Text;

namespace Juoku.Batch.Tables;

/// <summary>
/// Codes of a column's categories: value <c>k</c> of the list has code <c>k</c>, anything else is missing (NaN).
/// An open-addressing table over UTF-8 bytes, so that looking a value up makes no string. Where every value of the list is a number, values
/// are found by number too: <c>1.0</c> in a file is the category <c>1</c>. Hashed ids such as <c>68e10234</c> are never taken for numbers.
/// </summary>
public sealed class CategoryCodes
{
    private readonly byte[] _bytes;
    private readonly Slot[] _slots;
    private readonly Dictionary<double, int> _numbers = [];

    /// <summary>Makes the table for values in code order.</summary>
    public CategoryCodes(ImmutableArray<string> values)
    {
        Count = values.Length;
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, values.Length * 2))];
        byte[][] encoded = [.. values.Select(Encoding.UTF8.GetBytes)];
        _bytes = new byte[encoded.Sum(v => v.Length)];
        int at = 0;
        for (int code = 0; code < encoded.Length; code++)
        {
            ReadOnlySpan<byte> value = encoded[code];
            value.CopyTo(_bytes.AsSpan(at));
            Add(value, at, code);
            at += value.Length;
        }

        if (!values.All(IsNumber)) return;
        for (int code = 0; code < values.Length; code++) _numbers.TryAdd(double.Parse(values[code], CultureInfo.InvariantCulture), code);
    }

    /// <summary>Number of categories.</summary>
    public int Count { get; }

    /// <summary>Whether every category is a number, so that numbers can be looked up.</summary>
    public bool AreNumbers => _numbers.Count > 0;

    /// <summary>Whether a category is a boolean, so that booleans can be looked up.</summary>
    public bool AreBooleans => !double.IsNaN(this[true]) || !double.IsNaN(this[false]);

    /// <summary>Code of a value given as UTF-8; NaN when it is no category.</summary>
    public double this[ReadOnlySpan<byte> value]
    {
        get
        {
            uint hash = Hash(value);
            for (uint i = hash & (uint)(_slots.Length - 1); _slots[i].IsUsed; i = (i + 1) & (uint)(_slots.Length - 1))
                if (_slots[i].Hash == hash && value.SequenceEqual(_bytes.AsSpan(_slots[i].Start, _slots[i].Length))) return _slots[i].Code;

            return _numbers.Count > 0 && NumberText.TryParse(value, out double number) ? this[number] : double.NaN;
        }
    }

    /// <summary>Code of a value given as a number; NaN when it is no category.</summary>
    public double this[double value] => _numbers.TryGetValue(value, out int code) ? code : double.NaN;

    /// <summary>Code of a boolean, whose category is spelled as Python or JSON does.</summary>
    public double this[bool value]
    {
        get
        {
            double code = this[value ? "True"u8 : "False"u8];
            return double.IsNaN(code) ? this[value ? "true"u8 : "false"u8] : code;
        }
    }

    /// <summary>Written as programs write numbers: neither <c>007</c> nor <c>1e3</c>.</summary>
    private static bool IsNumber(string value)
    {
        if (!double.TryParse(value, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number)) return false;
        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        return shortest.Equals(value, StringComparison.OrdinalIgnoreCase) || $"{shortest}.0" == value;
    }

    private void Add(ReadOnlySpan<byte> value, int start, int code)
    {
        uint hash = Hash(value);
        uint i = hash & (uint)(_slots.Length - 1);
        while (_slots[i].IsUsed) i = (i + 1) & (uint)(_slots.Length - 1);
        _slots[i] = new Slot(hash, start, value.Length, code, true);
    }

    private static uint Hash(ReadOnlySpan<byte> value)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)value.Length * Multiplier;
        for (; value.Length >= 8; value = value[8..])
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(value)) * Multiplier, 29);
        ulong tail = 0;
        foreach (byte b in value) tail = tail << 8 | b;
        hash = (hash ^ tail) * Multiplier;
        return (uint)(hash >> 32);
    }

    private readonly record struct Slot(uint Hash, int Start, int Length, int Code, bool IsUsed);
}
