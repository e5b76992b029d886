using ParquetSharp;

namespace Juoku.Batch.Tables;

/// <summary>Name and type of a key column, as it came in and as it goes out.</summary>
/// <param name="Name">Name in the output.</param>
/// <param name="Physical">Parquet's physical type; text files have byte arrays.</param>
/// <param name="Logical">Parquet's logical type.</param>
/// <param name="TypeLength">Bytes a value of a fixed-length byte array; 0 otherwise.</param>
public sealed record KeyColumn(string Name, PhysicalType Physical, LogicalType Logical, int TypeLength)
{
    /// <summary>A key column of a text file.</summary>
    public static KeyColumn OfText(string name) => new(name, PhysicalType.ByteArray, LogicalType.String(), 0);

    /// <summary>Whether values of both can go into one output column.</summary>
    public bool SameTypeAs(KeyColumn other) =>
        Physical == other.Physical && TypeLength == other.TypeLength && Logical.Equals(other.Logical);

    /// <summary>A buffer for values of this type.</summary>
    public KeyBuffer NewBuffer(int capacity) => Physical switch
    {
        PhysicalType.Boolean => new KeyBuffer<bool>(capacity),
        PhysicalType.Int32 => new KeyBuffer<int>(capacity),
        PhysicalType.Int64 => new KeyBuffer<long>(capacity),
        PhysicalType.Int96 => new KeyBuffer<Int96>(capacity),
        PhysicalType.Float => new KeyBuffer<float>(capacity),
        PhysicalType.Double => new KeyBuffer<double>(capacity),
        _ => new BytesKeyBuffer(capacity),
    };
}
