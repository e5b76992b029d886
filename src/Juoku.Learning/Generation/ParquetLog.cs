using ParquetSharp;
using ParquetSharp.IO;

namespace Juoku.Learning.Generation;

/// <summary>A Parquet file of logs on its way into a store: zstd, dictionaries for names alone, differences for ids and times.</summary>
internal sealed class ParquetLog : IDisposable
{
    private readonly WriterProperties _properties;
    private readonly ManagedOutputStream _output;
    private readonly ParquetFileWriter _writer;
    private RowGroupWriter? _group;
    private ByteArray[] _names = [];
    private long[] _dense = [];

    public ParquetLog(Stream stream, Column[] columns)
    {
        var builder = new WriterPropertiesBuilder().Compression(Compression.Zstd).CompressionLevel(1);
        foreach (Column column in columns)
        {
            if (column.LogicalSystemType == typeof(string)) continue;
            builder.DisableDictionary(column.Name);
            if (IsWhole(column)) builder.Encoding(column.Name, Encoding.DeltaBinaryPacked);
        }

        _properties = builder.Build();
        _output = new ManagedOutputStream(stream, leaveOpen: true);
        _writer = new ParquetFileWriter(_output, columns, _properties);
    }

    public static Column Time(string name) => new Column<DateTime>(name, LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Micros));

    public void BeginGroup() => _group = _writer.AppendRowGroup();

    public void EndGroup()
    {
        _group!.Close();
        _group.Dispose();
        _group = null;
    }

    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using var column = (ColumnWriter<T>)_group!.NextColumn();
        column.WriteBatch(values);
    }

    /// <summary>Writes numbers of which some are absent.</summary>
    public void Write(ReadOnlySpan<long> values, ReadOnlySpan<short> present)
    {
        if (_dense.Length < values.Length) _dense = new long[values.Length];
        int count = 0;
        for (int i = 0; i < values.Length; i++)
            if (present[i] == ImpressionRows.Present) _dense[count++] = values[i];
        using var column = (ColumnWriter<long>)_group!.NextColumn();
        column.WriteBatch(values.Length, present, default, _dense.AsSpan(0, count));
    }

    /// <summary>Writes names by their codes, of which some are absent.</summary>
    public void Write<TCode>(ReadOnlySpan<TCode> codes, ReadOnlySpan<short> present, NameTable names)
        where TCode : struct, System.Numerics.IBinaryInteger<TCode>
    {
        if (_names.Length < codes.Length) _names = new ByteArray[codes.Length];
        int count = 0;
        for (int i = 0; i < codes.Length; i++)
            if (present.IsEmpty || present[i] == ImpressionRows.Present) _names[count++] = names[int.CreateTruncating(codes[i])];
        using var column = (ColumnWriter<ByteArray>)_group!.NextColumn();
        if (present.IsEmpty) present = AllPresent(codes.Length);
        column.WriteBatch(codes.Length, present, default, _names.AsSpan(0, count));
    }

    public void Close() => _writer.Close();

    public void Dispose()
    {
        _group?.Dispose();
        _writer.Dispose();
        _output.Dispose();
        _properties.Dispose();
    }

    private static bool IsWhole(Column column) =>
        column.LogicalSystemType == typeof(long) || column.LogicalSystemType == typeof(long?) || column.LogicalSystemType == typeof(int) || column.LogicalSystemType == typeof(DateTime);

    private static short[] AllPresent(int count)
    {
        var present = new short[count];
        Array.Fill(present, ImpressionRows.Present);
        return present;
    }
}
