using System.IO.Compression;
using System.Text;
using CsCheck;
using Juoku.Batch.Tables;

namespace Juoku.Batch.Tests.Tables;

public sealed class TextReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n")]
    [InlineData("a,b\r\n1,2\r\n3,4")]
    [InlineData("\uFEFFa,b\n1,2\n\n3,4\n\n")]
    [InlineData("\"a\",b\n\"1\",2\n3 , 4\n")]
    public void Read_VariantsOfTheSameTable_GiveTheSameNumbers(string text)
    {
        string path = _folder.Write("t.csv", text);

        using (TableSource table = ReadTable.Open(path, hasHeader: true)) Assert.Equal(["a", "b"], table.Columns.Select(column => column.Name));
        List<double>[] columns = ReadTable.Numbers(path, true, new NumberSelection(0), new NumberSelection(1));
        Assert.Equal([1, 3], columns[0]);
        Assert.Equal([2, 4], columns[1]);
    }

    [Fact]
    public void Read_EmptyLinesOfASingleColumn_AreMissingValues()
    {
        string path = _folder.Write("t.csv", "a\n1\n\n3\n");

        Assert.Equal([1, double.NaN, 3], ReadTable.Numbers(path, true, new NumberSelection(0))[0]);
    }

    [Fact]
    public void Read_ColumnUsedTwice_FeedsBoth()
    {
        string path = _folder.Write("t.csv", "a\n5\n");

        (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(path, true, [new NumberSelection(0), new NumberSelection(0)], [0], 8);
        Assert.Equal([5], numbers[0]);
        Assert.Equal([5], numbers[1]);
        Assert.Equal(["5"], keys[0]);
    }

    [Fact]
    public void Read_AnyFields_EqualsWhatWasWritten() =>
        Gen.Select(Gen.Int[1, 4], Gen.Bool, Gen.Bool).SelectMany((width, crlf, tab) =>
            Gen.Select(Gen.String[Gen.Char["ab1,;\t\"\n\r é"], 0, 6].Array[width].Array[1, 30], Gen.Const((width, crlf, tab)))).Sample((rows, shape) =>
            {
                char delimiter = shape.tab ? '\t' : ',';
                string end = shape.crlf ? "\r\n" : "\n";
                var text = new StringBuilder();
                foreach (string[] row in rows) text.Append(string.Join(delimiter, row.Select(field => Quoted(field, delimiter)))).Append(end);
                string path = _folder.Write(shape.tab ? "s.tsv" : "s.csv", text.ToString());

                List<object?>[] columns = ReadTable.Keys(path, false, [.. Enumerable.Range(0, shape.width)]);
                for (int column = 0; column < shape.width; column++)
                    Assert.Equal(rows.Select(row => row[column]), columns[column].Select(value => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes((string)value!))));
            }, iter: 2_000, threads: 1);

    [Fact]
    public void Read_QuotedLineFeedsAcrossChunks_KeepsEveryRow()
    {
        string path = _folder["big.csv"];
        const int Rows = 60_000;
        using (var writer = new StreamWriter(path))
        {
            writer.WriteLine("id,note,value");
            for (int i = 0; i < Rows; i++) writer.Write($"{i},\"line one\nline \"\"two\"\", and {new string('x', i % 50)}\",{i / 8.0}\n");
        }

        Assert.True(new FileInfo(path).Length > 3 << 20);
        (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(path, true, [new NumberSelection(0), new NumberSelection(2)], [1], 1 << 10);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (double)i), numbers[0]);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => i / 8.0), numbers[1]);
        Assert.Equal("line one\nline \"two\", and x", keys[0][1]);
    }

    [Fact]
    public void Read_LineLongerThanAChunk_IsWhole()
    {
        string path = _folder.Write("long.csv", $"a,b\n{new string('x', 5 << 20)},7\n8,9\n");

        Assert.Equal([7, 9], ReadTable.Numbers(path, true, new NumberSelection(1))[0]);
    }

    [Theory]
    [InlineData("1,2\n3\n", "t.csv:3: the line has 1 field where 2 are expected")]
    [InlineData("1,2\n3,4,5\n", "t.csv:3: the line has 3 fields where 2 are expected")]
    [InlineData("1,2\n3,x4\n", "t.csv:3: column 1 ('b'): 'x4' is not a number")]
    [InlineData("1,\"2\n3,4\n", "t.csv:2: column 1 ('b'): a quote (\") is left open")]
    [InlineData("1,\"2\"x\n3,4\n", "t.csv:2: column 1 ('b'): text follows the closing quote")]
    [InlineData("\"1\",\"0\"\n\n\"1\n\",y\n", "t.csv:4: column 1 ('b'): 'y' is not a number")]
    public void Read_BadLine_NamesTheLine(string body, string message)
    {
        string path = _folder.Write("t.csv", "a,b\n" + body);

        var error = Assert.Throws<TableException>(() => ReadTable.Numbers(path, true, new NumberSelection(1)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BadLineFarDown_CountsEveryLine()
    {
        string path = _folder.Write("t.tsv", "a\tb\n" + string.Concat(Enumerable.Repeat("1.25\t\"x\"\n", 300_000)) + "1\n");

        var error = Assert.Throws<TableException>(() => ReadTable.Numbers(path, true, new NumberSelection(0)));
        Assert.Contains("t.tsv:300002: the line has 1 field where 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("\n1\n", "the header line is empty")]
    public void Open_NothingThere_SaysSo(string text, string message)
    {
        string path = _folder.Write("t.csv", text);

        Assert.Contains(message, Assert.Throws<TableException>(() => ReadTable.Open(path, hasHeader: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Utf16_SaysSo()
    {
        File.WriteAllText(_folder["t.csv"], "a,b\n", Encoding.Unicode);

        Assert.Contains("UTF-16", Assert.Throws<TableException>(() => ReadTable.Open(_folder["t.csv"], hasHeader: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".csv.gz")]
    [InlineData(".csv.zst")]
    public void Read_CompressedFileCutShort_IsAnError(string extension)
    {
        var random = new Random(5);
        byte[] text = Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 100_000).Select(_ => $"{random.NextDouble():R},{random.Next()}\n")));
        byte[] whole = Compress(text, extension);
        string path = _folder["t" + extension];
        File.WriteAllBytes(path, whole);
        Assert.Equal(100_000, ReadTable.Numbers(path, true, new NumberSelection(0))[0].Count);

        foreach (int length in (int[])[whole.Length / 2, whole.Length - 1, whole.Length - 9])
        {
            File.WriteAllBytes(path, whole[..length]);
            var error = Assert.Throws<TableException>(() => ReadTable.Numbers(path, true, new NumberSelection(0)));
            Assert.StartsWith($"{path}: the compressed data is damaged", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_ConcatenatedGzipMembers_AreOneFile()
    {
        string path = _folder["t.csv.gz"];
        File.WriteAllBytes(path, [.. Compress("a\n1\n"u8.ToArray(), ".gz"), .. Compress("2\n3\n"u8.ToArray(), ".gz")]);

        Assert.Equal([1, 2, 3], ReadTable.Numbers(path, true, new NumberSelection(0))[0]);
    }

    [Fact]
    public void Open_UnknownExtension_LooksAtTheContent()
    {
        string tabs = _folder.Write("rows.test", "1\t2,5\n");
        string commas = _folder.Write("rows.data", "1,2\n");

        using TableSource tsv = ReadTable.Open(tabs, hasHeader: false);
        using TableSource csv = ReadTable.Open(commas, hasHeader: false);
        Assert.Equal((TableKind.Tsv, TableKind.Csv), (tsv.Format.Kind, csv.Format.Kind));
    }

    private static byte[] Compress(byte[] text, string extension)
    {
        using var bytes = new MemoryStream();
        using (Stream stream = extension.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(bytes, CompressionLevel.Optimal)
            : new ZstdSharp.CompressionStream(bytes)) stream.Write(text);
        return bytes.ToArray();
    }

    private static string Quoted(string field, char delimiter) =>
        field.Length == 0 || field.AsSpan().ContainsAny([delimiter, '"', '\n', '\r']) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
