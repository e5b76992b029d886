using System.Collections.Immutable;
using CsCheck;
using Juoku.Batch.Tables.Parquet;
using ParquetSharp;

namespace Juoku.Batch.Tests.Tables.Parquet;

public sealed class ParquetFooterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_ChunksOfAFile_LieSideBySideUpToTheFooter()
    {
        (byte[] file, byte[] footer) = Write();

        ImmutableArray<ImmutableArray<ByteRange>> groups = ParquetFooter.Read(footer);

        Assert.Equal([3, 3], groups.Select(group => group.Length));
        long at = 4;
        foreach (ByteRange chunk in groups.SelectMany(group => group))
        {
            Assert.Equal(at, chunk.Start);
            at = chunk.End;
        }

        Assert.InRange(at, 5, file.Length - footer.Length - 8);
    }

    [Fact]
    public void Read_DamagedFooter_IsRefusedOrReadButNeverWorse()
    {
        (_, byte[] footer) = Write();
        Gen.Select(Gen.Int[0, footer.Length - 1], Gen.Byte, Gen.Int[0, footer.Length]).Sample((at, value, length) =>
        {
            byte[] damaged = footer[..length];
            if (at < length) damaged[at] = value;
            try
            {
                ParquetFooter.Read(damaged);
            }
            catch (InvalidDataException e)
            {
                Assert.Equal("not a Parquet footer", e.Message);
            }
        }, iter: 3000, threads: 1);
    }

    private (byte[] File, byte[] Footer) Write()
    {
        string path = _folder["t.parquet"];
        using (var file = new ParquetFileWriter(path, [new Column<int>("a"), new Column<string>("b"), new Column<double?>("c")], keyValueMetadata: new Dictionary<string, string> { ["k"] = "v" }))
        {
            for (int group = 0; group < 2; group++)
            {
                using RowGroupWriter rows = file.AppendRowGroup();
                using (LogicalColumnWriter<int> column = rows.NextColumn().LogicalWriter<int>()) column.WriteBatch([.. Enumerable.Range(0, 1000)]);
                using (LogicalColumnWriter<string> column = rows.NextColumn().LogicalWriter<string>()) column.WriteBatch([.. Enumerable.Range(0, 1000).Select(i => $"{i % 9}")]);
                using (LogicalColumnWriter<double?> column = rows.NextColumn().LogicalWriter<double?>()) column.WriteBatch([.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? null : (double?)i)]);
            }

            file.Close();
        }

        byte[] bytes = File.ReadAllBytes(path);
        int length = BitConverter.ToInt32(bytes, bytes.Length - 8);
        return (bytes, bytes[(bytes.Length - 8 - length)..^8]);
    }
}
