using System.Buffers.Text;
using System.Globalization;

namespace Juoku.Batch.Tables.Writing;

/// <summary>UTF-8 text that grows: numbers in their shortest round-trip form, values quoted where the format needs it.</summary>
internal sealed class ByteText
{
    private byte[] _bytes = new byte[1 << 12];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Append(byte value)
    {
        if (_length == _bytes.Length) Grow(1);
        _bytes[_length++] = value;
    }

    public void Append(ReadOnlySpan<byte> value)
    {
        if (_bytes.Length - _length < value.Length) Grow(value.Length);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>Appends a number, date or the like in the invariant culture.</summary>
    public void Append<T>(T value, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        int written;
        while (!value.TryFormat(_bytes.AsSpan(_length), out written, format, CultureInfo.InvariantCulture)) Grow(64);
        _length += written;
    }

    /// <summary>Appends a value, in quotes when it holds a delimiter, a quote or a line end, or would otherwise read as missing.</summary>
    public void AppendField(ReadOnlySpan<byte> value, byte delimiter)
    {
        if (value.Length > 0 && value.IndexOfAny(delimiter, (byte)'"', (byte)'\n') < 0 && !value.Contains((byte)'\r'))
        {
            Append(value);
            return;
        }

        Append((byte)'"');
        for (int quote = value.IndexOf((byte)'"'); quote >= 0; quote = value.IndexOf((byte)'"'))
        {
            Append(value[..(quote + 1)]);
            Append((byte)'"');
            value = value[(quote + 1)..];
        }

        Append(value);
        Append((byte)'"');
    }

    /// <summary>Appends bytes as Base64.</summary>
    public void AppendBase64(ReadOnlySpan<byte> value)
    {
        int room = Base64.GetMaxEncodedToUtf8Length(value.Length);
        if (_bytes.Length - _length < room) Grow(room);
        Base64.EncodeToUtf8(value, _bytes.AsSpan(_length), out _, out int written);
        _length += written;
    }

    private void Grow(int room) => Array.Resize(ref _bytes, Math.Max(checked(_length + room), _bytes.Length * 2));
}
