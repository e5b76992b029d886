using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Writing;
using ParquetSharp;

namespace Juoku.Batch.Tests.Predicting;

public sealed class PredictionTests : IDisposable
{
    private const string Header = "id,age,price,colour\n";

    private readonly TemporaryFolder _folder = new();

    public PredictionTests() => _folder.Write("model.txt", TinyModel.Text());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_TableWithHeader_MatchesColumnsByName()
    {
        _folder.Write("in.csv", "colour,extra,price,id,age\n1,x,9.5,a,30\n2,y,9.6,b,31\nNA,,,\"c,d\",\n");

        PredictionSummary summary = await Run("in.csv", "out.csv", options => options with { Keys = ["id"] });

        Assert.Equal(["id,prediction", "a,111", "b,222", "\"c,d\",211"], Lines("out.csv"));
        Assert.Equal((3, 3), (summary.Rows, summary.TreeCount));
        Assert.Equal(64, summary.ModelDigest.Length);
    }

    [Fact]
    public async Task Run_TableWithoutHeader_MatchesColumnsByPosition()
    {
        _folder.Write("in.tsv", "7\t30\t9.5\t3\tx\n");

        await Run("in.tsv", "out.tsv", options => options with { HasHeader = false, LabelColumn = 0, Keys = ["4", "0"], Raw = true }, expectedFeatures: 3);

        Assert.Equal(["x\t7\t111"], Lines("out.tsv"));
    }

    [Fact]
    public async Task Run_CategoriesInAFileBesideTheModel_MapsStrings()
    {
        _folder.Write("model.categories.json", """{"colour": ["red", "green", "blue", "yellow"]}""");
        _folder.Write("in.csv", Header + "1,0,0,green\n2,0,0,blue\n3,0,0,yellow\n4,0,0,purple\n5,0,0,\n");

        await Run("in.csv", "out.csv");

        Assert.Equal(["prediction", "111", "211", "111", "211", "211"], Lines("out.csv"));
    }

    [Theory]
    [InlineData(true, false, 0.25)]
    [InlineData(false, false, 1)]
    [InlineData(true, true, 111)]
    public async Task Run_WithACalibrationBesideTheModel_CalibratesProbabilitiesOnly(bool calibrate, bool raw, double expected)
    {
        _folder.Write("model.txt", TinyModel.Text(objective: "binary sigmoid:1"));
        _folder.Write("model.calibration.json", """{"steps": [{"kind": "curve", "method": "platt", "from": [0, 1], "to": [0, 0.25]}]}""");
        _folder.Write("in.csv", "colour,price,age\n1,9.5,30\n");

        await Run("in.csv", "out.csv", options => options with { Calibrate = calibrate, Raw = raw });

        Assert.Equal(expected, double.Parse(Lines("out.csv")[1], System.Globalization.CultureInfo.InvariantCulture), 1e-12);
    }

    [Fact]
    public async Task Run_WithACalibrationBesideARegression_RefusesIt()
    {
        _folder.Write("model.calibration.json", """{"steps": []}""");
        _folder.Write("in.csv", "colour,price,age\n1,9.5,30\n");

        var error = await Assert.ThrowsAsync<TableException>(() => Run("in.csv", "out.csv"));
        Assert.Contains("calibrates probabilities, which this model does not give", error.Message);
    }

    [Fact]
    public async Task Run_PandasCategoriesInTheModel_MapsStrings()
    {
        _folder.Write("model.txt", TinyModel.Text(pandas: """[["red", "green", "blue", "yellow"]]"""));
        _folder.Write("in.csv", Header + "1,0,0,green\n2,0,0,blue\n");

        await Run("in.csv", "out.csv");

        Assert.Equal(["prediction", "111", "211"], Lines("out.csv"));
    }

    [Theory]
    [InlineData("""{"color": ["red"]}""", "the model has no feature 'color' (close: colour)")]
    [InlineData("""{"colour": [["red"]]}""", "must be a string, a number or a boolean, not array")]
    [InlineData("""["colour"]""", "not a category file")]
    [InlineData("""{"colour": ["red",""", "not a category file")]
    public async Task Run_CategoryFileThatDoesNotFit_IsRefused(string json, string message)
    {
        _folder.Write("model.categories.json", json);
        _folder.Write("in.csv", Header + "1,0,0,1\n");

        await Fails<TableException>("in.csv", "out.csv", message);
    }

    [Theory]
    [InlineData("Age,price,colour\n1,1,1\n", "no column for the model's feature 'age'; close names in the file: 'Age'")]
    [InlineData("price,colour\n1,1\n", "no column for the model's feature 'age'; the file has 'price', 'colour'")]
    [InlineData("x,y\n1,1\n", "no column for the model's feature 'age' and 2 more (price, colour); the file has 'x', 'y'")]
    [InlineData("30,9.5,1\n31,9.5,1\n", "the first line looks like a row: use --no-header")]
    [InlineData("age,age,price,colour\n1,1,1,1\n", "two columns are called 'age'; rename one")]
    [InlineData(Header + "1,30,9,1\n2,30,9\n", "in.csv:3: the line has 3 fields where 4 are expected")]
    [InlineData(Header + "1,30,9,1\n2,3O,9,1\n", "in.csv:3: column 1 ('age'): '3O' is not a number")]
    [InlineData("", "in.csv: the file is empty")]
    public async Task Run_BadTable_IsRefusedByName(string text, string message)
    {
        _folder.Write("in.csv", text);

        await Fails<TableException>("in.csv", "out.csv", message);
    }

    [Fact]
    public async Task Run_FirstErrorInTheFile_IsTheOneReported()
    {
        var random = new Random(8);
        _folder.Write("in.csv", Header + string.Concat(Enumerable.Range(0, 400_000).Select(i =>
            i is 150_000 or 250_000 or 399_999 ? $"{i},bad,9,1\n" : $"{i},{random.Next(100)},9.25,1\n")));

        for (int threads = 1; threads <= 4; threads++)
            await Fails<TableException>("in.csv", "out.csv", "in.csv:150002: column 1 ('age'): 'bad'", options => options with { Threads = threads });
    }

    [Fact]
    public async Task Run_StringColumnForANumber_IsRefused()
    {
        using (var file = new ParquetFileWriter(_folder["in.parquet"], [new Column<string>("age"), new Column<float>("price"), new Column<int>("colour")])) file.Close();

        await Fails<TableException>("in.parquet", "out.parquet", "column 'age' is string, but the feature 'age' is a number and has no category map");
    }

    [Fact]
    public async Task Run_TimestampColumnForANumber_IsRefused()
    {
        using (var file = new ParquetFileWriter(_folder["in.parquet"], [new Column<DateTime>("age"), new Column<float>("price"), new Column<int>("colour")])) file.Close();

        await Fails<TableException>("in.parquet", "out.parquet", "column 'age' is timestamp; the feature 'age' needs numbers");
    }

    [Fact]
    public async Task Run_CodesWhereCategoriesAreStrings_IsRefused()
    {
        _folder.Write("model.categories.json", """{"colour": ["red", "green", "blue", "yellow"]}""");
        WriteParquet("in.parquet", 10, group: 10);

        await Fails<TableException>("in.parquet", "out.parquet", "column 'colour' is int32, but the categories of the feature 'colour' are strings");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Run_ManyRowGroupsAndThreads_KeepsTheOrder(int threads)
    {
        const int Rows = 300_000;
        WriteParquet("in.parquet", Rows, group: 17_001);

        PredictionSummary summary = await Run("in.parquet", "out.parquet", options => options with { Keys = ["id"], Threads = threads, Label = "price" });

        (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(_folder["out.parquet"], true, [new NumberSelection(1)], [0], 1 << 14);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => i % 7 == 0 ? null : (object)(long)i), keys[0]);
        Assert.Equal(Enumerable.Range(0, Rows).Select(Expected), numbers[0]);
        Assert.Equal(Rows, summary.Rows);
    }

    [Fact]
    public async Task Run_OtherThreadCounts_GiveTheSameBytes()
    {
        WriteParquet("in.parquet", 100_000, group: 30_000);
        byte[][] outputs = new byte[3][];
        LabelScores?[] labels = new LabelScores?[3];
        for (int i = 0; i < 3; i++)
        {
            labels[i] = (await Run("in.parquet", "out.parquet", options => options with { Keys = ["id"], Threads = i * 2 + 1, Label = "age" })).Labels;
            outputs[i] = File.ReadAllBytes(_folder["out.parquet"]);
        }

        Assert.Equal(outputs[0], outputs[1]);
        Assert.Equal(outputs[0], outputs[2]);
        Assert.Equal(labels[0], labels[1]);
        Assert.Equal(labels[0], labels[2]);
    }

    [Fact]
    public async Task Run_NoRows_WritesAnEmptyTable()
    {
        _folder.Write("in.csv", Header);

        PredictionSummary summary = await Run("in.csv", "out.parquet", options => options with { Keys = ["id"] });

        Assert.Equal(0, summary.Rows);
        using var file = new ParquetFileReader(_folder["out.parquet"]);
        Assert.Equal(0, file.FileMetaData.NumRows);
    }

    [Fact]
    public async Task Run_DirectoryIntoDirectory_WritesOneFilePerInput()
    {
        Directory.CreateDirectory(_folder["in"]);
        _folder.Write("in/b.csv", Header + "1,30,9,1\n");
        _folder.Write("in/a.tsv", (Header + "2,31,9,1\n").Replace(',', '\t'));
        _folder.Write("in/_SUCCESS", "");
        _folder.Write("in/.hidden.csv", "junk");

        PredictionSummary summary = await Run("in", "out/");

        Assert.Equal([_folder["out/a.tsv"], _folder["out/b.csv"]], summary.Outputs);
        Assert.Equal(["prediction", "112"], Lines("out/a.tsv"));
        Assert.Equal(["prediction", "111"], Lines("out/b.csv"));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder["out"]).Length);
    }

    [Fact]
    public async Task Run_DirectoryIntoFile_AppendsInNameOrder()
    {
        Directory.CreateDirectory(_folder["in"]);
        _folder.Write("in/2.csv", Header + "c,31,9,1\n");
        _folder.Write("in/1.csv", Header + "a,30,9,1\nb,30,10,1\n");

        await Run("in", "out.csv.gz", options => options with { Keys = ["id"] });

        Assert.Equal([111, 121, 112], ReadTable.Numbers(_folder["out.csv.gz"], true, new NumberSelection(1))[0]);
    }

    [Fact]
    public async Task Run_Glob_MatchesAcrossDirectories()
    {
        Directory.CreateDirectory(_folder["f/dt=1"]);
        Directory.CreateDirectory(_folder["f/dt=2"]);
        _folder.Write("f/dt=1/part-0.csv", Header + "1,30,9,1\n");
        _folder.Write("f/dt=2/part-0.csv", Header + "1,31,9,1\n");
        _folder.Write("f/dt=2/other.csv", "junk");

        await Run("f/dt=*/part-*.csv", "out");

        Assert.Equal(["prediction", "111"], Lines("out/dt=1/part-0.csv"));
        Assert.Equal(["prediction", "112"], Lines("out/dt=2/part-0.csv"));
    }

    [Fact]
    public async Task Run_SecondOfTwoInputsIsBad_KeepsTheFirstWholeAndNothingOfTheSecond()
    {
        _folder.Write("1.csv", Header + "1,30,9,1\n");
        _folder.Write("2.csv", Header + "1,30,9,1\n2,x,9,1\n");

        await Assert.ThrowsAsync<TableException>(() => Prediction.RunAsync(
            Options("1.csv", "out/") with { Inputs = [_folder["1.csv"], _folder["2.csv"]] }, new PredictionProgress(), CancellationToken.None));

        Assert.Equal(["1.csv"], Directory.GetFileSystemEntries(_folder["out"]).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public async Task Run_OtherKeyTypesInALaterInput_IsRefused()
    {
        WriteParquet("1.parquet", 10, group: 10);
        using (var file = new ParquetFileWriter(_folder["2.parquet"], [new Column<string>("id"), new Column<float>("age"), new Column<double>("price"), new Column<int>("colour")])) file.Close();

        var error = await Assert.ThrowsAsync<TableException>(() => Prediction.RunAsync(
            Options("1.parquet", "out.parquet") with { Inputs = [_folder["1.parquet"], _folder["2.parquet"]], Keys = ["id"] }, new PredictionProgress(), CancellationToken.None));
        Assert.Contains("2.parquet: the key 'id' is String", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("out.parquet", _folder.Names);
    }

    [Fact]
    public async Task Run_Cancelled_LeavesNothing()
    {
        _folder.Write("in.csv", Header + string.Concat(Enumerable.Repeat("1,30,9,1\n", 500_000)));
        using var stop = new CancellationTokenSource();
        var progress = new PredictionProgress();

        Task<PredictionSummary> work = Prediction.RunAsync(Options("in.csv", "out.csv.gz"), progress, stop.Token);
        while (progress.Rows == 0 && !work.IsCompleted) await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);

        Assert.Equal(["in.csv", "model.txt"], _folder.Names);
    }

    [Theory]
    [InlineData("in.csv", "in.csv", "is one of the inputs")]
    [InlineData("in.csv", "./in.csv", "is one of the inputs")]
    [InlineData("in.csv", "link.csv", "is one of the inputs")]
    [InlineData("in.csv", "out.xls", "must end in .parquet, .csv")]
    public async Task Run_UnsafeOutput_IsRefused(string input, string output, string message)
    {
        _folder.Write("in.csv", Header + "1,30,9,1\n");
        File.CreateSymbolicLink(_folder["link.csv"], _folder["in.csv"]);

        await Fails<UsageException>(input, output, message);
        Assert.Equal(Header + "1,30,9,1\n", File.ReadAllText(_folder["in.csv"]));
    }

    [Fact]
    public async Task Run_OutputDirectoryThatIsTheInputs_IsRefused()
    {
        Directory.CreateDirectory(_folder["in"]);
        _folder.Write("in/a.csv", Header);

        await Fails<UsageException>("in", "in/", "is one of the inputs");
    }

    [Fact]
    public async Task Run_MissingOutputDirectory_SaysSo()
    {
        _folder.Write("in.csv", Header);

        await Fails<OutputException>("in.csv", "nowhere/out.csv", "the directory does not exist; make it first");
    }

    [Theory]
    [InlineData("absent.csv", "no such file or directory")]
    [InlineData("absent-*.csv", "no file matches")]
    public async Task Run_MissingInput_SaysSo(string input, string message) => await Fails<NotFoundException>(input, "out.csv", message);

    private static double Expected(int row) => (row % 60 <= 30 ? 1 : 2) + (row % 20 / 2.0 <= 9.5 ? 10 : 20) + ((row % 5) is 1 or 3 ? 100 : 200);

    private void WriteParquet(string name, int rows, int group)
    {
        Column[] columns = [new Column<long?>("id"), new Column<float>("age"), new Column<double>("price"), new Column<int>("colour")];
        using var file = new ParquetFileWriter(_folder[name], columns);
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

    private PredictionOptions Options(string input, string output) =>
        new() { Model = _folder["model.txt"], Inputs = [_folder[input]], Output = _folder[output], Threads = 2 };

    private async Task<PredictionSummary> Run(string input, string output, Func<PredictionOptions, PredictionOptions>? change = null, int expectedFeatures = 4)
    {
        // Without a header every feature has a position, so the model must have as many as the table has columns.
        if (expectedFeatures == 3)
            _folder.Write("model.txt", TinyModel.Text("age price colour").Replace("max_feature_idx=3", "max_feature_idx=2", StringComparison.Ordinal).Replace(" none", "", StringComparison.Ordinal));
        PredictionOptions options = Options(input, output);
        PredictionSummary summary = await Prediction.RunAsync(change?.Invoke(options) ?? options, new PredictionProgress(), CancellationToken.None);
        Assert.DoesNotContain(_folder.Names, name => name.EndsWith(".partial", StringComparison.Ordinal));
        return summary;
    }

    private async Task Fails<T>(string input, string output, string message, Func<PredictionOptions, PredictionOptions>? change = null)
        where T : Exception
    {
        string[] before = _folder.Names;
        PredictionOptions options = Options(input, output);
        T error = await Assert.ThrowsAsync<T>(() => Prediction.RunAsync(change?.Invoke(options) ?? options, new PredictionProgress(), CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(before, _folder.Names);
    }

    private string[] Lines(string name) => File.ReadAllLines(_folder[name]);
}
