using System.Collections.Immutable;
using System.Globalization;
using ParquetSharp;

namespace Juoku.Learning.Sampling;

/// <summary>One column of generated impressions, in the forms that files and training need.</summary>
/// <param name="name">Name of the column.</param>
internal abstract class SampleColumn(string name)
{
    public string Name { get; } = name;

    /// <summary>What LightGBM learns from: the number, or the code of the category; NaN where missing.</summary>
    public abstract double Number(int row);

    /// <summary>The field in a text file; empty where missing.</summary>
    public abstract string Text(int row);

    /// <summary>The column's type in Parquet.</summary>
    public abstract Column ParquetColumn { get; }

    /// <summary>Writes all rows to the next column of a row group.</summary>
    public abstract void Write(ColumnWriter writer);
}

/// <summary>Whole numbers, none missing.</summary>
internal sealed class IntegerColumn(string name, int rows) : SampleColumn(name)
{
    public int[] Values { get; } = new int[rows];

    public override Column ParquetColumn => new Column<int>(Name);

    public override double Number(int row) => Values[row];

    public override string Text(int row) => Values[row].ToString(CultureInfo.InvariantCulture);

    public override void Write(ColumnWriter writer)
    {
        using LogicalColumnWriter<int> column = writer.LogicalWriter<int>();
        column.WriteBatch(Values);
    }
}

/// <summary>Long whole numbers that name a row.</summary>
internal sealed class IdColumn(string name, int rows) : SampleColumn(name)
{
    public long[] Values { get; } = new long[rows];

    public override Column ParquetColumn => new Column<long>(Name);

    public override double Number(int row) => Values[row];

    public override string Text(int row) => Values[row].ToString(CultureInfo.InvariantCulture);

    public override void Write(ColumnWriter writer)
    {
        using LogicalColumnWriter<long> column = writer.LogicalWriter<long>();
        column.WriteBatch(Values);
    }
}

/// <summary>Decimal numbers, missing where NaN.</summary>
internal sealed class NumberColumn(string name, int rows) : SampleColumn(name)
{
    public double[] Values { get; } = new double[rows];

    public override Column ParquetColumn => new Column<double?>(Name);

    public override double Number(int row) => Values[row];

    public override string Text(int row) => double.IsNaN(Values[row]) ? "" : Values[row].ToString("R", CultureInfo.InvariantCulture);

    public override void Write(ColumnWriter writer)
    {
        using LogicalColumnWriter<double?> column = writer.LogicalWriter<double?>();
        column.WriteBatch([.. Values.Select(value => double.IsNaN(value) ? (double?)null : value)]);
    }
}

/// <summary>Text of a few values; a value's place in the list is its category code.</summary>
internal sealed class CategoryColumn(string name, int rows, ImmutableArray<string> values) : SampleColumn(name)
{
    public int[] Codes { get; } = new int[rows];

    public ImmutableArray<string> Values { get; } = values;

    public override Column ParquetColumn => new Column<string>(Name);

    public override double Number(int row) => Codes[row];

    public override string Text(int row) => Values[Codes[row]];

    public override void Write(ColumnWriter writer)
    {
        using LogicalColumnWriter<string> column = writer.LogicalWriter<string>();
        column.WriteBatch([.. Codes.Select(code => Values[code])]);
    }
}
