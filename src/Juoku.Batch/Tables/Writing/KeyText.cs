using System.Globalization;
using System.Numerics;
using ParquetSharp;

namespace Juoku.Batch.Tables.Writing;

/// <summary>Writes the values of one key column as text, after their logical type.</summary>
internal abstract class KeyText
{
    private static readonly DateTime Epoch = DateTime.UnixEpoch;

    /// <summary>Starts a batch.</summary>
    public abstract void Begin(KeyBuffer keys);

    /// <summary>Writes the next value that is there.</summary>
    public abstract void AppendNext(ByteText text, byte delimiter);

    /// <summary>The writer for a column's type.</summary>
    /// <exception cref="OutputException">The type has no text form.</exception>
    public static KeyText For(KeyColumn column, string output) => (column.Physical, column.Logical) switch
    {
        (PhysicalType.Boolean, _) => new Fixed<bool>((text, value) => text.Append(value ? "true"u8 : "false"u8)),
        (PhysicalType.Float, _) => new Fixed<float>((text, value) => text.Append(value, "R")),
        (PhysicalType.Double, _) => new Fixed<double>((text, value) => text.Append(value, "R")),
        (PhysicalType.Int32, DateLogicalType) => new Fixed<int>((text, value) => text.Append(DateOnly.FromDateTime(Epoch).AddDays(value), "yyyy-MM-dd")),
        (PhysicalType.Int32, DecimalLogicalType number) => new Fixed<int>((text, value) => AppendDecimal(text, value, number.Scale)),
        (PhysicalType.Int32, IntLogicalType { IsSigned: false }) => new Fixed<int>((text, value) => text.Append((uint)value)),
        (PhysicalType.Int32, IntLogicalType) => new Fixed<int>((text, value) => text.Append(value)),
        (PhysicalType.Int32, _) when IsPlain(column.Logical) => new Fixed<int>((text, value) => text.Append(value)),
        (PhysicalType.Int64, TimestampLogicalType instant) => new Fixed<long>((text, value) => AppendTimestamp(text, value, instant)),
        (PhysicalType.Int64, DecimalLogicalType number) => new Fixed<long>((text, value) => AppendDecimal(text, value, number.Scale)),
        (PhysicalType.Int64, IntLogicalType { IsSigned: false }) => new Fixed<long>((text, value) => text.Append((ulong)value)),
        (PhysicalType.Int64, IntLogicalType) => new Fixed<long>((text, value) => text.Append(value)),
        (PhysicalType.Int64, _) when IsPlain(column.Logical) => new Fixed<long>((text, value) => text.Append(value)),
        (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, DecimalLogicalType number) =>
            new Bytes((text, value, _) => AppendDecimal(text, new BigInteger(value, isUnsigned: false, isBigEndian: true), number.Scale)),
        (PhysicalType.FixedLenByteArray, UuidLogicalType) => new Bytes((text, value, _) => text.Append(new Guid(value, bigEndian: true))),
        (PhysicalType.ByteArray, StringLogicalType or EnumLogicalType or JsonLogicalType) => new Bytes((text, value, delimiter) => text.AppendField(value, delimiter)),
        (PhysicalType.ByteArray, _) when IsPlain(column.Logical) => new Bytes((text, value, delimiter) => text.AppendField(value, delimiter)),
        _ => throw new OutputException(output, $"the key '{column.Name}' is {column.Logical.Type} ({column.Physical}), which has no text form; write Parquet, or leave the key out"),
    };

    private static bool IsPlain(LogicalType type) => type.Type is LogicalTypeEnum.None or LogicalTypeEnum.Undefined;

    private static void AppendDecimal(ByteText text, BigInteger unscaled, int scale)
    {
        if (unscaled.Sign < 0) text.Append((byte)'-');
        string digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        foreach (char digit in digits[..^scale]) text.Append((byte)digit);
        if (scale == 0) return;
        text.Append((byte)'.');
        foreach (char digit in digits[^scale..]) text.Append((byte)digit);
    }

    private static void AppendTimestamp(ByteText text, long value, TimestampLogicalType type)
    {
        (long perSecond, int digits) = type.TimeUnit switch
        {
            TimeUnit.Millis => (1_000L, 3),
            TimeUnit.Micros => (1_000_000L, 6),
            _ => (1_000_000_000L, 9),
        };
        long seconds = Math.DivRem(value, perSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += perSecond;
        }

        if (seconds is < -62_135_596_800 or > 253_402_300_799)
        {
            // Outside the calendar years 1 to 9999 the count itself is the only honest text.
            text.Append(value);
            return;
        }

        text.Append(Epoch.AddSeconds(seconds), "yyyy-MM-ddTHH:mm:ss");
        if (rest > 0)
        {
            text.Append((byte)'.');
            text.Append(rest, digits == 3 ? "D3" : digits == 6 ? "D6" : "D9");
        }

        if (type.IsAdjustedToUtc) text.Append((byte)'Z');
    }

    private sealed class Fixed<T>(Action<ByteText, T> append) : KeyText
        where T : unmanaged
    {
        private KeyBuffer<T>? _keys;
        private int _next;

        public override void Begin(KeyBuffer keys)
        {
            _keys = (KeyBuffer<T>)keys;
            _next = 0;
        }

        public override void AppendNext(ByteText text, byte delimiter) => append(text, _keys!.Values[_next++]);
    }

    private delegate void AppendBytes(ByteText text, ReadOnlySpan<byte> value, byte delimiter);

    private sealed class Bytes(AppendBytes append) : KeyText
    {
        private BytesKeyBuffer? _keys;
        private int _next;

        public override void Begin(KeyBuffer keys)
        {
            _keys = (BytesKeyBuffer)keys;
            _next = 0;
        }

        public override void AppendNext(ByteText text, byte delimiter)
        {
            append(text, _keys!.Bytes.AsSpan(_keys[_next]), delimiter);
            _next++;
        }
    }
}
