namespace Juoku.Forest;

/// <summary>Element type of a <see cref="Column"/>.</summary>
public enum ColumnType : byte
{
    /// <summary>No values: allowed only for features that no tree uses.</summary>
    Absent,

    /// <summary><see cref="float"/>, NaN = missing.</summary>
    Float,

    /// <summary><see cref="double"/>, NaN = missing.</summary>
    Double,

    /// <summary><see cref="int"/>: numbers or category codes; a negative code is no category.</summary>
    Int32,

    /// <summary><see cref="long"/>, compared as the nearest <see cref="double"/>, as LightGBM would be given it.</summary>
    Int64,

    /// <summary><see cref="bool"/>: 0 or 1.</summary>
    Bool,
}

/// <summary>
/// The values of one feature for a batch of rows, borrowed from the caller: nothing is copied or owned.
/// A validity bitmap (bit <c>i % 8</c> of byte <c>i / 8</c> is 1 when row <c>i</c> has a value, as in Arrow) marks nulls; without one every row has a value.
/// </summary>
public readonly struct Column
{
    /// <summary>Type of the elements.</summary>
    public ColumnType Type { get; private init; }

    /// <summary>Number of rows.</summary>
    public int Length { get; private init; }

    internal ReadOnlyMemory<float> Floats { get; private init; }

    internal ReadOnlyMemory<double> Doubles { get; private init; }

    internal ReadOnlyMemory<int> Int32s { get; private init; }

    internal ReadOnlyMemory<long> Int64s { get; private init; }

    internal ReadOnlyMemory<bool> Bools { get; private init; }

    internal ReadOnlyMemory<byte> Validity { get; private init; }

    /// <summary>A column of floats.</summary>
    public static Column Of(ReadOnlyMemory<float> values, ReadOnlyMemory<byte> validity = default) =>
        new() { Type = ColumnType.Float, Length = values.Length, Floats = values, Validity = Checked(validity, values.Length) };

    /// <summary>A column of doubles.</summary>
    public static Column Of(ReadOnlyMemory<double> values, ReadOnlyMemory<byte> validity = default) =>
        new() { Type = ColumnType.Double, Length = values.Length, Doubles = values, Validity = Checked(validity, values.Length) };

    /// <summary>A column of integers or category codes.</summary>
    public static Column Of(ReadOnlyMemory<int> values, ReadOnlyMemory<byte> validity = default) =>
        new() { Type = ColumnType.Int32, Length = values.Length, Int32s = values, Validity = Checked(validity, values.Length) };

    /// <summary>A column of long integers.</summary>
    public static Column Of(ReadOnlyMemory<long> values, ReadOnlyMemory<byte> validity = default) =>
        new() { Type = ColumnType.Int64, Length = values.Length, Int64s = values, Validity = Checked(validity, values.Length) };

    /// <summary>A column of booleans.</summary>
    public static Column Of(ReadOnlyMemory<bool> values, ReadOnlyMemory<byte> validity = default) =>
        new() { Type = ColumnType.Bool, Length = values.Length, Bools = values, Validity = Checked(validity, values.Length) };

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> validity, int rows) =>
        validity.IsEmpty || validity.Length >= (rows + 7) / 8
            ? validity
            : throw new ArgumentException($"A validity bitmap for {rows} rows needs {(rows + 7) / 8} bytes, not {validity.Length}.", nameof(validity));
}
