using System.Security.Cryptography;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Writing;
using Juoku.Batch.Tests.Stores;
using ParquetSharp;

namespace Juoku.Batch.Tests.Predicting;

public sealed class PartPredictionTests : IDisposable
{
    private const string Header = "id,age,price,colour\n";

    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStore _store = new();
    private readonly PredictionModel _model;

    public PartPredictionTests() => _model = PredictionModel.Load(_folder.Write("model.txt", TinyModel.Text()));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("in.parquet", "out.parquet")]
    [InlineData("in.csv", "out.parquet")]
    [InlineData("in.csv", "out.csv.gz")]
    [InlineData("in.csv.gz", "out.tsv")]
    [InlineData("in.tsv.zst", "out.csv.zst")]
    public async Task Run_AnyThreadsAndTiming_WritesTheBytesOfPredict(string input, string output)
    {
        await Write(input, 250_000, group: 40_000);
        await Prediction.RunAsync(new PredictionOptions { Model = _folder["model.txt"], Inputs = [_folder[input]], Output = _folder[output], Keys = ["id"], Threads = 2 }, new PredictionProgress(), Cancel);
        byte[] expected = await File.ReadAllBytesAsync(_folder[output], Cancel);
        StoredObject item = _store.Put(input, await File.ReadAllBytesAsync(_folder[input], Cancel));
        for (int threads = 1; threads <= 3; threads++)
        {
            int lateness = threads * 3;
            _store.BeforeRead = async read => await Task.Delay(read % lateness, Cancel);
            var part = new PartPrediction(_model, Options(output) with { Threads = threads });
            for (int again = 0; again < 2; again++)
            {
                using var bytes = new MemoryStream();
                PartStatistics statistics = await part.RunAsync(TableInput.Of(_store, item), null, bytes, output, reject: null, Cancel);

                Assert.Equal(expected, bytes.ToArray());
                Assert.Equal((250_000, 0), (statistics.Rows, statistics.RejectedRows));
                Assert.Equal(expected.Length, statistics.OutputBytes);
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), statistics.OutputSha256);
            }
        }
    }

    [Fact]
    public async Task Run_PartsOfRowGroups_AreTogetherTheWhole()
    {
        await Write("in.parquet", 100_000, group: 9_000);
        TableInput input = TableInput.Of(_store, _store.Put("in.parquet", await File.ReadAllBytesAsync(_folder["in.parquet"], Cancel)));
        int groups = PartPrediction.Check(input, _model, Options("out.csv"), Cancel).Length;
        var part = new PartPrediction(_model, Options("out.csv"));
        (string whole, PartStatistics all) = await Run(part, input);

        List<string> lines = ["id,prediction"];
        long rows = 0;
        double sum = 0;
        var scores = new ScoreHistogram();
        for (int from = 0; from < groups; from += 5)
        {
            (string text, PartStatistics some) = await Run(part, input, new RowGroupRange(from, Math.Min(groups, from + 5)));
            lines.AddRange(text.TrimEnd('\n').Split('\n')[1..]);
            rows += some.Rows;
            sum += some.ScoreSum;
            scores.Add(some.Scores.Bins);
        }

        Assert.Equal(whole, string.Join('\n', lines) + "\n");
        Assert.Equal((all.Rows, all.ScoreSum), (rows, sum));
        Assert.Equal(all.Scores.Bins, scores.Bins);
        Assert.Equal(100_000, scores.Bins.Sum(bin => bin.Count));
    }

    [Fact]
    public async Task Run_BadLines_AreLeftOutAndTold()
    {
        string text = Header
            + "a,30,9,1\n"
            + "b,3O,9,1\n"          // not a number
            + "c,30,9\n"            // too few fields
            + "d,30,9,1,5\n"        // too many
            + ",30,9,1\n"           // no key
            + "\n"
            + "e,30,10,1\n"
            + "\"f\"x,30,9,1\n"     // text after the quote
            + "g,31,9,unknown\n"    // an unknown category is missing, not bad
            + "\"h\n2\",x,9,1\n"    // bad, over two lines
            + "i,\"30,9,1\n"        // a quote left open swallows this line only
            + "j,31,9,3\n"
            + "k,\"31\",9,\"3\n";    // left open up to the end
        List<RejectedRow> rejects = [];
        _folder.Write("model.categories.json", """{"colour": ["0", "1", "2", "3"]}""");
        var part = new PartPrediction(PredictionModel.Load(_folder["model.txt"]), Options("out.csv"));
        _folder.Write("in.csv", text);

        (string output, PartStatistics statistics) = await Run(part, TableInput.Of(_folder["in.csv"]), null, rejects.Add);

        Assert.Equal("id,prediction\na,111\ne,121\ng,212\nj,112\n", output.Replace("\r", "", StringComparison.Ordinal));
        Assert.Equal((4, 8, 4), (statistics.Rows, statistics.RejectedRows, statistics.KeyedRows));
        Assert.Equal(
            [(3, "age"), (4, null), (5, null), (6, "id"), (9, "id"), (11, "age"), (13, "age"), (15, "colour")],
            rejects.Select(row => ((int)row.Line!, row.Column)));
        Assert.StartsWith("'3O' is not a number", rejects[0].Reason, StringComparison.Ordinal);
        Assert.StartsWith("the line has 3 fields where 4 are expected", rejects[1].Reason, StringComparison.Ordinal);
        Assert.Equal("the key is missing", rejects[3].Reason);
        Assert.Equal("text follows the closing quote (\")", rejects[4].Reason);
        Assert.Equal("a quote (\") is left open", rejects[7].Reason);
        Assert.All(rejects, row => Assert.Equal((_folder["in.csv"], (long?)null), (row.Input, row.Row)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_ManyBadLines_AreToldInOrderAndTheGoodOnesKeepTheirs(int threads)
    {
        var random = new Random(3);
        bool[] bad = [.. Enumerable.Range(0, 300_000).Select(_ => random.Next(4) == 0)];
        _folder.Write("in.csv", Header + string.Concat(bad.Select((isBad, i) => isBad ? $"{i},x,9,1\n" : $"{i},30,9,1\n")));
        List<long> lines = [];
        var part = new PartPrediction(_model, Options("out.csv") with { Threads = threads });

        (string output, PartStatistics statistics) = await Run(part, TableInput.Of(_folder["in.csv"]), null, row => lines.Add(row.Line!.Value));

        Assert.Equal(Enumerable.Range(0, bad.Length).Where(i => bad[i]).Select(i => i + 2L), lines);
        Assert.Equal(["id,prediction", .. Enumerable.Range(0, bad.Length).Where(i => !bad[i]).Select(i => $"{i},111")], output.TrimEnd('\n').Split('\n'));
        Assert.Equal(lines.Count, statistics.RejectedRows);
    }

    [Fact]
    public async Task Run_NullKeysInParquet_AreLeftOutAndTold()
    {
        await Write("in.parquet", 50_000, group: 20_000);
        List<long> rows = [];
        var part = new PartPrediction(_model, Options("out.csv"));
        (string all, _) = await Run(part, TableInput.Of(_folder["in.parquet"]));

        (string output, PartStatistics statistics) = await Run(part, TableInput.Of(_folder["in.parquet"]), new RowGroupRange(1, 3), row =>
        {
            Assert.Equal((_folder["in.parquet"], "id", "the key is null"), (row.Input, row.Column, row.Reason));
            rows.Add(row.Row!.Value);
        });

        Assert.Equal(Enumerable.Range(20_000, 30_000).Where(i => i % 7 == 0).Select(i => (long)i), rows);
        Assert.Equal(["id,prediction", .. all.TrimEnd('\n').Split('\n')[1..][20_000..].Where(line => line[0] != ',')], output.TrimEnd('\n').Split('\n'));
        Assert.Equal(statistics.Rows, statistics.KeyedRows);
    }

    [Fact]
    public async Task Run_SinkThrows_EndsThePart()
    {
        _folder.Write("in.csv", Header + "a,x,9,1\n");
        var part = new PartPrediction(_model, Options("out.csv"));

        var error = await Assert.ThrowsAsync<TableException>(() => Run(part, TableInput.Of(_folder["in.csv"]), null, row => throw new TableException(row.Input, "too many bad rows")));

        Assert.EndsWith("too many bad rows", error.Message, StringComparison.Ordinal);
        _folder.Write("in.csv", Header + "a,30,9,1\n");
        Assert.Equal("id,prediction\na,111\n", (await Run(part, TableInput.Of(_folder["in.csv"]))).Text);
    }

    [Fact]
    public async Task Run_ObjectChangedMeanwhile_SaysSoAndTheNextPartIsUnharmed()
    {
        await Write("in.parquet", 200_000, group: 30_000);
        byte[] bytes = await File.ReadAllBytesAsync(_folder["in.parquet"], Cancel);
        StoredObject item = _store.Put("in.parquet", bytes);
        _store.BeforeRead = read =>
        {
            if (read == 4) _store.Put("in.parquet", bytes);
            return Task.CompletedTask;
        };
        var part = new PartPrediction(_model, Options("out.csv"));

        var error = await Assert.ThrowsAsync<ObjectChangedException>(() => Run(part, TableInput.Of(_store, item)));
        Assert.Equal(("v1", "v2"), (error.ExpectedETag, error.FoundETag));
        Assert.Equal(200_000, (await Run(part, TableInput.Of(_store, (await _store.FindAsync("in.parquet", Cancel))!))).Statistics.Rows);
    }

    [Fact]
    public async Task Run_OutputFails_SaysWhatTheStreamSaid()
    {
        await Write("in.parquet", 1000, group: 1000);
        var part = new PartPrediction(_model, Options("out.parquet"));

        var error = await Assert.ThrowsAsync<StoreException>(() => part.RunAsync(TableInput.Of(_folder["in.parquet"]), null, new BrokenStream(), "s3://b/out.parquet", null, Cancel));

        Assert.Equal("s3://b: is full", error.Message);
    }

    [Theory]
    [InlineData("out.parquet")]
    [InlineData("out.csv")]
    public async Task Run_FloatScores_AreTheDoublesRounded(string output)
    {
        _folder.Write("model.txt", TinyModel.Text(objective: "binary sigmoid:0.01"));
        PredictionModel model = PredictionModel.Load(_folder["model.txt"]);
        await Write("in.parquet", 1000, group: 1000);
        List<double>[] scores = new List<double>[2];
        foreach (ScoreType type in (ScoreType[])[ScoreType.Double, ScoreType.Float])
        {
            await using (FileStream file = File.Create(_folder[output]))
                await new PartPrediction(model, Options(output) with { ScoreType = type, Keys = [] }).RunAsync(TableInput.Of(_folder["in.parquet"]), null, file, output, null, Cancel);
            scores[(int)type] = ReadTable.Numbers(_folder[output], true, new NumberSelection(0))[0];
        }

        Assert.Contains(scores[0], score => score != (float)score);
        Assert.Equal(scores[0].Select(score => (float)score), scores[1].Select(score => (float)score));
        if (output == "out.parquet")
        {
            using TableSource table = ReadTable.Open(_folder[output], true);
            Assert.Equal("float", table.Columns[0].TypeName);
        }
    }

    [Fact]
    public void Check_MissingColumn_IsRefused()
    {
        _folder.Write("in.csv", "id,age\n");

        Assert.Contains("no column for the model's feature 'price'",
            Assert.Throws<TableException>(() => PartPrediction.Check(TableInput.Of(_folder["in.csv"]), _model, Options("o.csv"), Cancel)).Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static PartOptions Options(string output) => new() { Keys = ["id"], Threads = 2, OutputFormat = TableFormat.FromName(output)!.Value };

    private static async Task<(string Text, PartStatistics Statistics)> Run(PartPrediction part, TableInput input, RowGroupRange? groups = null, Action<RejectedRow>? reject = null)
    {
        using var bytes = new MemoryStream();
        PartStatistics statistics = await part.RunAsync(input, groups, bytes, "out", reject, Cancel);
        return (System.Text.Encoding.UTF8.GetString(bytes.ToArray()), statistics);
    }

    /// <summary>Writes a table; what is not Parquet is made by predicting with keys, which carries columns over.</summary>
    private async Task Write(string name, int rows, int group)
    {
        string parquet = name == "in.parquet" ? name : "columns.parquet";
        using (var file = new ParquetFileWriter(_folder[parquet], [new Column<long?>("id"), new Column<float>("age"), new Column<double>("price"), new Column<int>("colour")]))
        {
            foreach (int[] chunk in Enumerable.Range(0, rows).Chunk(group))
            {
                using RowGroupWriter writer = file.AppendRowGroup();
                using (LogicalColumnWriter<long?> column = writer.NextColumn().LogicalWriter<long?>()) column.WriteBatch([.. chunk.Select(i => i % 7 == 0 ? null : (long?)i)]);
                using (LogicalColumnWriter<float> column = writer.NextColumn().LogicalWriter<float>()) column.WriteBatch([.. chunk.Select(i => (float)(i % 60))]);
                using (LogicalColumnWriter<double> column = writer.NextColumn().LogicalWriter<double>()) column.WriteBatch([.. chunk.Select(i => i % 20 / 2.0)]);
                using (LogicalColumnWriter<int> column = writer.NextColumn().LogicalWriter<int>()) column.WriteBatch([.. chunk.Select(i => i % 5)]);
            }

            file.Close();
        }

        if (parquet == name) return;
        await Prediction.RunAsync(
            new PredictionOptions { Model = _folder["model.txt"], Inputs = [_folder[parquet]], Output = _folder[name], Keys = ["id", "age", "price", "colour"], Threads = 2 }, new PredictionProgress(), Cancel);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new StoreException("s3://b", "is full");

        public override void Write(byte[] buffer, int offset, int count) => throw new StoreException("s3://b", "is full");
    }
}
