using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Writing;
using Juoku.Batch.Tests.Stores;
using ParquetSharp;

namespace Juoku.Batch.Tests.Tables.Inputs;

/// <summary>A table is the same table wherever its bytes lie.</summary>
public sealed class TableInputTests : IDisposable
{
    private const int Rows = 400_000;
    private const int GroupRows = 70_000;

    private static readonly NumberSelection[] Numbers = [new(1), new(2)];

    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStore _store = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("t.parquet")]
    [InlineData("t.csv")]
    [InlineData("t.tsv")]
    [InlineData("t.csv.gz")]
    [InlineData("t.tsv.zst")]
    [InlineData("t.data")]
    public void Open_ObjectThatComesLateAndOutOfOrder_IsTheSameTableAsTheFile(string name)
    {
        Write(name);
        StoredObject item = _store.Put(name, File.ReadAllBytes(_folder[name]));
        _store.BeforeRead = async read => await Task.Delay(read * 7 % 5, Cancel);

        (List<double>[] fileNumbers, List<object?>[] fileKeys) = Read(TableInput.Of(_folder[name]));
        (List<double>[] numbers, List<object?>[] keys) = Read(TableInput.Of(_store, item));

        Assert.Equal(Rows, numbers[0].Count);
        Assert.Equal(fileNumbers[0], numbers[0]);
        Assert.Equal(fileNumbers[1], numbers[1]);
        Assert.Equal(fileKeys[0], keys[0]);
        Assert.InRange(_store.MostInFlight, 2, 16);
    }

    [Fact]
    public void Open_SmallObject_TakesTwoRequests()
    {
        _folder.Write("t.csv", "k,a,b\n1,2,3\n");
        using (var file = new ParquetFileWriter(_folder["t.parquet"], [new Column<long>("k"), new Column<double>("a"), new Column<double>("b")])) file.Close();
        foreach (string name in (string[])["t.csv", "t.parquet"])
        {
            int before = _store.Reads;
            Read(TableInput.Of(_store, _store.Put(name, File.ReadAllBytes(_folder[name]))));
            Assert.Equal(2, _store.Reads - before);
        }
    }

    [Theory]
    [InlineData("t.parquet")]
    [InlineData("t.csv")]
    public void Read_ObjectReplacedMeanwhile_SaysSoInOneLine(string name)
    {
        Write(name);
        byte[] bytes = File.ReadAllBytes(_folder[name]);
        StoredObject item = _store.Put(name, bytes);
        int before = name == "t.csv" ? 2 : 3;
        _store.BeforeRead = async read =>
        {
            await Task.Yield();
            if (read == before) _store.Put(name, bytes);
        };

        var error = Assert.Throws<ObjectChangedException>(() => Read(TableInput.Of(_store, item)));
        Assert.Equal($"memory://bucket/{name}: changed while it was in use: version v1 was wanted, v2 is there", error.Message);
    }

    [Fact]
    public void Read_StoreFails_SaysWhatTheStoreSaid()
    {
        Write("t.parquet");
        StoredObject item = _store.Put("t.parquet", File.ReadAllBytes(_folder["t.parquet"]));
        _store.BeforeRead = read => read > 4 ? Task.FromException(new StoreException("memory://bucket", "is on fire; fetch water")) : Task.CompletedTask;

        Assert.Equal("memory://bucket: is on fire; fetch water", Assert.Throws<StoreException>(() => Read(TableInput.Of(_store, item))).Message);
    }

    [Theory]
    [InlineData("t.parquet")]
    [InlineData("t.csv")]
    public async Task Open_FileOfAStoreThatWasReplaced_SaysSo(string name)
    {
        Write(name);
        await using FileStore store = FileStore.Open(_folder.Path);
        StoredObject item = (await store.FindAsync(name, Cancel))!;
        Assert.Equal(Rows, Read(TableInput.Of(store, item)).Numbers[0].Count);
        await store.PutAsync(name, await File.ReadAllBytesAsync(_folder[name], Cancel), PutCondition.None, Cancel);

        Assert.Throws<ObjectChangedException>(() => Read(TableInput.Of(store, item)));
        await store.DeleteAsync(name, Cancel);
        Assert.Contains("is gone", Assert.Throws<ObjectChangedException>(() => Read(TableInput.Of(store, item))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_RangesOfRowGroups_PartitionTheFile(bool remote)
    {
        Write("t.parquet");
        TableInput input = remote ? TableInput.Of(_store, _store.Put("t.parquet", File.ReadAllBytes(_folder["t.parquet"]))) : TableInput.Of(_folder["t.parquet"]);
        int groups;
        using (TableSource whole = ReadTable.Open(input, true))
        {
            groups = whole.RowGroups.Length;
            Assert.Equal([.. Enumerable.Repeat((long)GroupRows, groups - 1), Rows % GroupRows], whole.RowGroups);
        }

        List<double> all = [];
        for (int from = 0; from < groups; from += 2)
        {
            using TableSource some = ReadTable.Open(input, true, new RowGroupRange(from, Math.Min(groups, from + 2)));
            all.AddRange(ReadTable.Read(some, Numbers, [0], 1 << 14).Numbers[0]);
        }

        Assert.Equal(Read(input).Numbers[0], all);
        using TableSource none = ReadTable.Open(input, true, new RowGroupRange(1, 1));
        Assert.Empty(ReadTable.Read(none, Numbers, [], 64).Numbers[0]);
        Assert.Contains("no row groups 5 to 6: the file has 6", Assert.Throws<TableException>(() => ReadTable.Open(input, true, new RowGroupRange(5, 7))).Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static (List<double>[] Numbers, List<object?>[] Keys) Read(TableInput input)
    {
        using TableSource table = ReadTable.Open(input, true);
        return ReadTable.Read(table, Numbers, [0], 1 << 14);
    }

    private void Write(string name)
    {
        var random = new Random(4);
        double[] a = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble())];
        if (name.EndsWith(".parquet", StringComparison.Ordinal))
        {
            using var file = new ParquetFileWriter(_folder[name], [new Column<long>("k"), new Column<double>("a"), new Column<float?>("b")]);
            foreach (int[] chunk in Enumerable.Range(0, Rows).Chunk(GroupRows))
            {
                using RowGroupWriter group = file.AppendRowGroup();
                using (LogicalColumnWriter<long> column = group.NextColumn().LogicalWriter<long>()) column.WriteBatch([.. chunk.Select(i => (long)i)]);
                using (LogicalColumnWriter<double> column = group.NextColumn().LogicalWriter<double>()) column.WriteBatch([.. chunk.Select(i => a[i])]);
                using (LogicalColumnWriter<float?> column = group.NextColumn().LogicalWriter<float?>()) column.WriteBatch([.. chunk.Select(i => i % 3 == 0 ? null : (float?)i)]);
            }

            file.Close();
            return;
        }

        KeyColumn[] keys = [new("k", PhysicalType.Int64, LogicalType.None(), 0)];
        TableFormat format = TableFormat.FromName(name) ?? new TableFormat(TableKind.Tsv, TableCompression.Gzip);
        var table = new OutputTable(_folder[name], format, [.. keys], ["a", "b"], true);
        using var writer = new FileTableWriter(table);
        foreach (int[] chunk in Enumerable.Range(0, Rows).Chunk(1 << 14))
        {
            var rows = new OutputRows(keys, 2, chunk.Length) { Count = chunk.Length };
            var key = (KeyBuffer<long>)rows.Keys[0];
            for (int i = 0; i < chunk.Length; i++)
            {
                key.Present[i] = 1;
                key.Free[0] = chunk[i];
                key.Advance(1);
                (rows.Scores[2 * i], rows.Scores[2 * i + 1]) = (a[chunk[i]], chunk[i]);
            }

            new TextRows(table).Format(rows);
            writer.Write(rows);
        }

        writer.Complete();
    }
}
