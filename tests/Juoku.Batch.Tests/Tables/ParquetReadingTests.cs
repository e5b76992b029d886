using CsCheck;
using Juoku.Batch.Tables;
using ParquetSharp;

namespace Juoku.Batch.Tests.Tables;

public sealed class ParquetReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_EveryNumericType_GivesItsValues()
    {
        Check([1.5f, -0f, float.NaN, float.MaxValue], value => value);
        Check([1.5, double.Epsilon, double.NegativeInfinity], value => value);
        Check([true, false, true], value => value ? 1 : 0);
        Check([int.MinValue, 0, 7], value => value);
        Check([long.MaxValue, -1L, 3L], value => value);
        Check([byte.MaxValue, (byte)3], value => value);
        Check([sbyte.MinValue, (sbyte)3], value => value);
        Check([ushort.MaxValue, (ushort)3], value => value);
        Check([uint.MaxValue, 3u], value => value);
        Check([ulong.MaxValue, 3ul], value => value);
        Check([(Half)1.5, Half.MaxValue], value => (double)value);
    }

    [Fact]
    public void Read_NullsAnywhere_AreMissing() =>
        Gen.Select(Gen.Float.Nullable().Array[1, 300], Gen.Int[1, 60], Gen.Bool).Sample((values, group, dictionary) =>
        {
            string path = _folder["t.parquet"];
            using (var properties = new WriterPropertiesBuilder().DataPagesize(64))
            using (var file = new ParquetFileWriter(path, [new Column<float?>("f"), new Column<int?>("i"), new Column<bool?>("b")], (dictionary ? properties : properties.DisableDictionary()).Build()))
            {
                foreach (float?[] chunk in values.Chunk(group))
                {
                    using RowGroupWriter rows = file.AppendRowGroup();
                    using (LogicalColumnWriter<float?> column = rows.NextColumn().LogicalWriter<float?>()) column.WriteBatch(chunk);
                    using (LogicalColumnWriter<int?> column = rows.NextColumn().LogicalWriter<int?>()) column.WriteBatch([.. chunk.Select(Int)]);
                    using (LogicalColumnWriter<bool?> column = rows.NextColumn().LogicalWriter<bool?>()) column.WriteBatch([.. chunk.Select(Bool)]);
                }

                file.Close();
            }

            (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(path, true, [new(0), new(1), new(2)], [1], 40);
            Assert.Equal(values.Select(value => value ?? double.NaN), numbers[0]);
            Assert.Equal(values.Select(value => Int(value) ?? double.NaN), numbers[1]);
            Assert.Equal(values.Select(value => Bool(value) is { } yes ? yes ? 1 : 0 : double.NaN), numbers[2]);
            Assert.Equal(values.Select(value => (object?)Int(value)), keys[0]);
        }, iter: 200, threads: 1);

    [Fact]
    public void Read_StringsThroughAMap_AreCodes()
    {
        string path = _folder["t.parquet"];
        Write(path, "s", [.. Enumerable.Range(0, 10_000).Select(i => (i % 4) switch { 0 => "red", 1 => "green", 2 => null, _ => $"other {i}" })]);
        var codes = new CategoryCodes(["green", "red"]);

        List<double> actual = ReadTable.Numbers(path, true, new NumberSelection(0, codes))[0];
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => (i % 4) switch { 0 => 1, 1 => 0, _ => double.NaN }), actual);
    }

    [Fact]
    public void Read_NumbersThroughAMap_AreCodes()
    {
        string path = _folder["t.parquet"];
        Write(path, "n", [30L, 10L, 20L, 40L]);

        Assert.Equal([1, 0, double.NaN, 2], ReadTable.Numbers(path, true, new NumberSelection(0, new CategoryCodes(["10", "30", "40"])))[0]);
    }

    [Fact]
    public void Open_OtherTypes_AreNamedForMessages()
    {
        string path = _folder["t.parquet"];
        using (var file = new ParquetFileWriter(path, [new Column<DateTime>("at"), new Column<decimal>("price", LogicalType.Decimal(29, 2)), new Column<int[]>("many"), new Column<string>("s"), new Column<ushort>("u")])) file.Close();

        using TableSource table = ReadTable.Open(path, hasHeader: true);
        Assert.Equal(
            [("at", ColumnContent.Other, "timestamp"), ("price", ColumnContent.Other, "decimal(29,2)"), ("many.list.item", ColumnContent.Other, "list"), ("s", ColumnContent.Strings, "string"), ("u", ColumnContent.Numbers, "uint16")],
            table.Columns.Select(column => (column.Name, column.Content, column.TypeName)));
    }

    [Fact]
    public void Open_CutShort_SaysSo()
    {
        string path = _folder["t.parquet"];
        Write(path, "f", [.. Enumerable.Range(0, 1000).Select(i => (float)i)]);
        byte[] whole = File.ReadAllBytes(path);
        foreach (int length in (int[])[4, 11, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("not a readable Parquet file", Assert.Throws<TableException>(() => ReadTable.Open(path, true)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_TextCalledParquet_SaysSo()
    {
        string path = _folder.Write("t.parquet", "a,b\n1,2\n");

        Assert.Contains("not a Parquet file", Assert.Throws<TableException>(() => ReadTable.Open(path, true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyByteFlipped_IsAnErrorOrChangesNothing()
    {
        string path = _folder["t.parquet"];
        using (WriterPropertiesBuilder properties = new WriterPropertiesBuilder().EnablePageChecksum().Compression(Compression.Zstd))
        using (var file = new ParquetFileWriter(path, [new Column<float?>("f"), new Column<string>("s")], properties.Build()))
        {
            using RowGroupWriter rows = file.AppendRowGroup();
            using (LogicalColumnWriter<float?> column = rows.NextColumn().LogicalWriter<float?>()) column.WriteBatch([.. Enumerable.Range(0, 500).Select(i => i % 5 == 0 ? (float?)null : i)]);
            using (LogicalColumnWriter<string> column = rows.NextColumn().LogicalWriter<string>()) column.WriteBatch([.. Enumerable.Range(0, 500).Select(i => $"v{i % 50}")]);
            file.Close();
        }

        byte[] whole = File.ReadAllBytes(path);
        NumberSelection[] numbers = [new(0), new(1, new CategoryCodes([.. Enumerable.Range(0, 50).Select(i => $"v{i}")]))];
        List<double>[] expected = ReadTable.Numbers(path, true, numbers);
        int refused = 0;
        int data = DataBytes(path);
        for (int i = 4; i < data; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(path, flipped);
            try
            {
                Assert.Equal(expected, ReadTable.Numbers(path, true, numbers));
            }
            catch (TableException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }

        Assert.True(refused > data / 2, $"only {refused} of {data} flips were noticed");
    }

    /// <summary>Bytes before the footer: pages and their headers.</summary>
    private static int DataBytes(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return bytes.Length - 8 - BitConverter.ToInt32(bytes, bytes.Length - 8);
    }

    private void Check<T>(T[] values, Func<T, double> number)
    {
        string path = _folder[$"{typeof(T).Name}.parquet"];
        Write(path, "v", values);
        List<double> actual = ReadTable.Numbers(path, true, new NumberSelection(0))[0];
        Assert.Equal(values.Select(value => BitConverter.DoubleToInt64Bits(number(value))), actual.Select(BitConverter.DoubleToInt64Bits));
    }

    private static void Write<T>(string path, string name, T[] values)
    {
        using var file = new ParquetFileWriter(path, [new Column<T>(name)]);
        using (RowGroupWriter rows = file.AppendRowGroup())
        using (LogicalColumnWriter<T> column = rows.NextColumn().LogicalWriter<T>()) column.WriteBatch(values);
        file.Close();
    }

    private static int? Int(float? value) => value is { } some ? BitConverter.SingleToInt32Bits(some) : null;

    private static bool? Bool(float? value) => value is { } some ? some > 0 : null;
}
