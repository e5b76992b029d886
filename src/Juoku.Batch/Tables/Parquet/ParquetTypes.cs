using ParquetSharp;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>What a Parquet column's type means to a table.</summary>
internal static class ParquetTypes
{
    /// <summary>What the values of a column can be used for.</summary>
    public static ColumnContent Content(ColumnDescriptor column)
    {
        if (column.MaxRepetitionLevel > 0) return ColumnContent.Other;
        using LogicalType logical = column.LogicalType;
        return (column.PhysicalType, logical.Type) switch
        {
            (PhysicalType.Boolean or PhysicalType.Float or PhysicalType.Double, LogicalTypeEnum.None or LogicalTypeEnum.Undefined) => ColumnContent.Numbers,
            (PhysicalType.Int32 or PhysicalType.Int64, LogicalTypeEnum.None or LogicalTypeEnum.Undefined or LogicalTypeEnum.Int) => ColumnContent.Numbers,
            (PhysicalType.FixedLenByteArray, LogicalTypeEnum.Float16) => ColumnContent.Numbers,
            (PhysicalType.ByteArray, LogicalTypeEnum.None or LogicalTypeEnum.Undefined or LogicalTypeEnum.String or LogicalTypeEnum.Enum) => ColumnContent.Strings,
            _ => ColumnContent.Other,
        };
    }

    /// <summary>The type as a person calls it.</summary>
    public static string Name(ColumnDescriptor column)
    {
        if (column.MaxRepetitionLevel > 0) return "list";
        using LogicalType logical = column.LogicalType;
        return logical switch
        {
            IntLogicalType integer => $"{(integer.IsSigned ? "int" : "uint")}{integer.BitWidth}",
            DecimalLogicalType number => $"decimal({number.Precision},{number.Scale})",
            _ when logical.Type is LogicalTypeEnum.None or LogicalTypeEnum.Undefined => column.PhysicalType.ToString().ToLowerInvariant(),
            _ => logical.Type.ToString().ToLowerInvariant(),
        };
    }

    /// <summary>Bits of an unsigned integer column; 0 when it is something else.</summary>
    public static int UnsignedBits(ColumnDescriptor column)
    {
        using LogicalType logical = column.LogicalType;
        return logical is IntLogicalType { IsSigned: false } integer ? integer.BitWidth : 0;
    }
}
