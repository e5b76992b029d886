using System.Collections.Immutable;
using CsCheck;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;
using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Juoku.Batch.Tests.Tables;

/// <summary>What the writer writes, the reader reads back to the last bit: every format, compression, type, with and without nulls.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly Gen<double> AnyDouble = Gen.OneOf(Gen.Double, Gen.OneOf([.. new[] { 0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 0.1 }.Select(value => Gen.Const(value))]));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("t.parquet")]
    [InlineData("t.csv")]
    [InlineData("t.tsv")]
    [InlineData("t.csv.gz")]
    [InlineData("t.tsv.gz")]
    [InlineData("t.csv.zst")]
    [InlineData("t.tsv.zst")]
    public void WriteThenRead_StringsAndScores_AreEqualToTheBit(string name) =>
        Gen.Select(Gen.String[Gen.Char["ab ,;\t\"\n\ré十"], 0, 5].Null().Array[0, 200], AnyDouble.Array[400]).Sample((texts, scores) =>
        {
            string path = _folder[name];
            KeyColumn key = KeyColumn.OfText("the key");
            OutputRows rows = NewRows([key], 2, texts.Length);
            scores.AsSpan(0, 2 * texts.Length).CopyTo(rows.Scores);
            for (int i = 0; i < texts.Length; i++)
            {
                rows.Keys[0].Present[i] = texts[i] is null ? (short)0 : (short)1;
                if (texts[i] is { } text) ((BytesKeyBuffer)rows.Keys[0]).Add(Encoding.UTF8.GetBytes(text));
            }

            Write(path, [key], ["prediction_0", "prediction_1"], rows);

            (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(path, true, [new NumberSelection(1), new NumberSelection(2)], [0], 64);
            Assert.Equal(texts, keys[0].Select(value => value is null ? null : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes((string)value))));
            for (int i = 0; i < texts.Length; i++)
            {
                Assert.Equal(Bits(scores[2 * i]), Bits(numbers[0][i]));
                Assert.Equal(Bits(scores[2 * i + 1]), Bits(numbers[1][i]));
            }
        }, iter: 40, threads: 1);

    public static TheoryData<PhysicalType> FixedTypes => [PhysicalType.Boolean, PhysicalType.Int32, PhysicalType.Int64, PhysicalType.Float, PhysicalType.Double];

    [Theory]
    [MemberData(nameof(FixedTypes))]
    public void WriteThenRead_KeysOfFixedWidth_AreEqualToTheBit(PhysicalType type) =>
        Gen.Select(Gen.Long.Array[0, 100], Gen.Double[0, 1]).Sample((bits, nulls) =>
        {
            string path = _folder["t.parquet"];
            var key = new KeyColumn("k", type, LogicalType.None(), 0);
            OutputRows rows = NewRows([key], 1, bits.Length);
            object?[] expected = new object?[bits.Length];
            var random = new Random(bits.Length);
            for (int i = 0; i < bits.Length; i++)
            {
                bool present = random.NextDouble() >= nulls;
                rows.Keys[0].Present[i] = present ? (short)1 : (short)0;
                if (present) expected[i] = Add(rows.Keys[0], bits[i]);
            }

            Write(path, [key], ["prediction"], rows);

            Assert.Equal(expected, ReadTable.Keys(path, true, 0)[0]);
        }, iter: 40, threads: 1);

    [Fact]
    public void WriteThenRead_ManyBatches_KeepsTheirOrderAcrossRowGroups()
    {
        string path = _folder["t.parquet"];
        var table = new OutputTable(path, TableFormat.FromName(path)!.Value, [], ["prediction"], true);
        const int Batch = 1 << 14, Batches = 130;
        using (var writer = new FileTableWriter(table))
        {
            var rows = new OutputRows([], 1, Batch) { Count = Batch };
            for (int batch = 0; batch < Batches; batch++)
            {
                for (int i = 0; i < Batch; i++) rows.Scores[i] = batch * Batch + i;
                writer.Write(rows);
            }

            writer.Complete();
        }

        using (var file = new ParquetFileReader(path)) Assert.Equal(3, file.FileMetaData.NumRowGroups);
        Assert.Equal(Enumerable.Range(0, Batch * Batches).Select(i => (double)i), ReadTable.Numbers(path, true, new NumberSelection(0))[0]);
    }

    [Fact]
    public void Format_KeysWithLogicalTypes_AreWrittenAsPeopleWriteThem()
    {
        string path = _folder["t.csv"];
        ImmutableArray<KeyColumn> keys =
        [
            new("date", PhysicalType.Int32, LogicalType.Date(), 0),
            new("time", PhysicalType.Int64, LogicalType.Timestamp(true, TimeUnit.Micros), 0),
            new("price", PhysicalType.Int64, LogicalType.Decimal(10, 2), 0),
            new("big", PhysicalType.Int64, LogicalType.Int(64, false), 0),
            new("uuid", PhysicalType.FixedLenByteArray, LogicalType.Uuid(), 16),
            new("yes", PhysicalType.Boolean, LogicalType.None(), 0),
            new("f", PhysicalType.Float, LogicalType.None(), 0),
        ];
        OutputRows rows = NewRows(keys, 1, 1);
        foreach (KeyBuffer key in rows.Keys) key.Present[0] = 1;
        Put(rows.Keys[0], 20_780);
        Put(rows.Keys[1], -1L);
        Put(rows.Keys[2], -5L);
        Put(rows.Keys[3], -1L);
        ((BytesKeyBuffer)rows.Keys[4]).Add([.. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        Put(rows.Keys[5], true);
        Put(rows.Keys[6], 0.1f);

        Write(path, keys, ["prediction"], rows);

        Assert.Equal("2026-11-23,1969-12-31T23:59:59.999999Z,-0.05,18446744073709551615,00010203-0405-0607-0809-0a0b0c0d0e0f,true,0.1,0", File.ReadAllLines(path)[1]);
    }

    [Fact]
    public void Create_KeyWithoutTextForm_IsRefusedBeforeAnythingIsWritten()
    {
        var key = new KeyColumn("t", PhysicalType.Int96, LogicalType.None(), 0);
        string path = _folder["t.csv"];

        var error = Assert.Throws<OutputException>(() => new FileTableWriter(new OutputTable(path, TableFormat.FromName(path)!.Value, [key], ["prediction"], true)));
        Assert.Contains("the key 't'", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void Create_KeyNamedPrediction_IsRefused()
    {
        string path = _folder["t.csv"];

        var error = Assert.Throws<OutputException>(() => new FileTableWriter(
            new OutputTable(path, TableFormat.FromName(path)!.Value, [KeyColumn.OfText("prediction")], ["prediction"], true)));
        Assert.Contains("two columns would be called 'prediction'", error.Message, StringComparison.Ordinal);
    }

    private static OutputRows NewRows(IReadOnlyList<KeyColumn> keys, int outputs, int count) => new(keys, outputs, Math.Max(1, count)) { Count = count };

    private static void Write(string path, ImmutableArray<KeyColumn> keys, ImmutableArray<string> scores, OutputRows rows)
    {
        var table = new OutputTable(path, TableFormat.FromName(path)!.Value, keys, scores, WritesHeader: true);
        if (table.Format.Kind != TableKind.Parquet) new TextRows(table).Format(rows);
        using var writer = new FileTableWriter(table);
        if (rows.Count > 0) writer.Write(rows);
        writer.Complete();
    }

    private static object Add(KeyBuffer key, long bits) => key switch
    {
        KeyBuffer<bool> => Put(key, (bits & 1) != 0),
        KeyBuffer<int> => Put(key, (int)bits),
        KeyBuffer<long> => Put(key, bits),
        KeyBuffer<float> => BitConverter.SingleToInt32Bits(Put(key, BitConverter.Int32BitsToSingle((int)bits))),
        _ => BitConverter.DoubleToInt64Bits(Put(key, BitConverter.Int64BitsToDouble(bits))),
    };

    private static T Put<T>(KeyBuffer key, T value)
        where T : unmanaged
    {
        var buffer = (KeyBuffer<T>)key;
        buffer.Free[0] = value;
        buffer.Advance(1);
        return value;
    }

    // Every NaN is the same missing value in text.
    private static long Bits(double value) => double.IsNaN(value) ? -1 : BitConverter.DoubleToInt64Bits(value);
}
