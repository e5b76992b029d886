using System.Globalization;
using System.IO.Compression;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tests;
using ParquetSharp;
using Encoding = System.Text.Encoding;

namespace Juoku.Soak.Tests;

/// <summary>
/// A day of input: CSV and Parquet files, most of them good, some with bad rows among the good, some bad as a whole. What must come of it
/// is predicted from clean copies of the good rows, by the code of <c>juoku predict</c>.
/// </summary>
/// <param name="store">Gets the files.</param>
/// <param name="prefix">Where.</param>
/// <param name="folder">For the clean copies.</param>
internal sealed class SoakInput(IStore store, string prefix, string folder)
{
    /// <summary>Rows of a row group; see <see cref="Juoku.Batch.Runs.RunSettings.PartRows"/>.</summary>
    public const int GroupRows = 120;

    /// <summary>Share of a part's rows that may be bad.</summary>
    public const double MaxRejectShare = 0.05;

    private readonly List<string> _changing = [];

    /// <summary>Files that must be rejected.</summary>
    public HashSet<string> BadFiles { get; } = new(StringComparer.Ordinal);

    /// <summary>How many rows must be set aside, by file.</summary>
    public Dictionary<string, int> BadRows { get; } = new(StringComparer.Ordinal);

    private string Clean => Path.Combine(folder, "clean");

    /// <summary>Makes the files.</summary>
    public async Task WriteAsync(int files, Random random)
    {
        Directory.CreateDirectory(Clean);
        for (int number = 0; number < files; number++)
        {
            // One of each bad kind whatever the draw, so that the smallest soak has them all.
            int kind = number < 7 ? 93 + number : random.Next(100);
            await WriteAsync(number, kind, 50 + random.Next(400), random);
        }
    }

    /// <summary>Replaces the files that are to have changed since the run was planned.</summary>
    public async Task ChangeAsync()
    {
        foreach (string name in _changing) await PutAsync(name, Encoding.UTF8.GetBytes("id,age,price,colour\nother,1,2,3\n"));
    }

    /// <summary>What <c>juoku predict</c> says of every good row, by key.</summary>
    public async Task<Dictionary<string, double>> PredictAsync(string model)
    {
        var options = new PredictionOptions { Model = model, Inputs = [Clean], Output = Path.Combine(folder, "expected"), Keys = ["id"], Threads = 1 };
        await Prediction.RunAsync(options, new PredictionProgress(), CancellationToken.None);
        var expected = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(options.Output)) foreach ((string key, double score) in Scores(file)) expected.Add(key, score);
        return expected;
    }

    /// <summary>The rows of an output file.</summary>
    public static IEnumerable<(string Key, double Score)> Scores(string file)
    {
        (List<double>[] numbers, List<object?>[] keys) = ReadTable.Read(file, hasHeader: true, [new(1)], [0], 1 << 10);
        return keys[0].Zip(numbers[0], (key, score) => ((string)key!, score));
    }

    private async Task WriteAsync(int number, int kind, int rows, Random random)
    {
        string stem = string.Create(CultureInfo.InvariantCulture, $"file-{number:D5}");
        string csv = Csv(stem, rows);
        switch (kind)
        {
            case < 60:
                await PutAsync($"{stem}.csv", Encoding.UTF8.GetBytes(Keep(stem, csv)));
                break;
            case < 85:
                Keep(stem, csv);
                await PutAsync($"{stem}.parquet", Parquet(stem, rows, price: "price"));
                break;
            case < 93:
                Keep(stem, csv);
                int bad = 1 + random.Next(rows / 40);
                BadRows[$"{stem}.csv"] = bad;
                await PutAsync($"{stem}.csv", Encoding.UTF8.GetBytes(csv + string.Concat(Enumerable.Range(0, bad).Select(row => $"bad-{row},not a number,1,2\n"))));
                break;
            case 93:
                await PutBadAsync($"{stem}.csv", Encoding.UTF8.GetBytes(string.Join('\n', csv.Split('\n').Select((line, i) => i % 5 == 1 ? "x,not a number,1,2" : line))));
                break;
            case 94:
                await PutBadAsync($"{stem}.csv", Encoding.UTF8.GetBytes(csv.Replace("price", "prize", StringComparison.Ordinal)));
                break;
            case 95:
                byte[] zipped = Zip(csv);
                await PutBadAsync($"{stem}.csv.gz", zipped[..(zipped.Length / 2)]);
                break;
            case 96:
                await PutBadAsync($"{stem}.parquet", Parquet(stem, rows, price: "prize"));
                break;
            case 97:
                await PutBadAsync($"{stem}.parquet", Encoding.UTF8.GetBytes("PAR1 and then nothing that a Parquet file has"));
                break;
            case 98:
                _changing.Add($"{stem}.csv");
                await PutBadAsync($"{stem}.csv", Encoding.UTF8.GetBytes(csv));
                break;
            default:
                await PutAsync($"{stem}.csv", Encoding.UTF8.GetBytes("id,age,price,colour\n")); // no rows, and nothing wrong with that
                break;
        }
    }

    private Task PutBadAsync(string name, byte[] content)
    {
        BadFiles.Add(name);
        return PutAsync(name, content);
    }

    private Task PutAsync(string name, byte[] content) => store.PutAsync(prefix + name, content, PutCondition.None, CancellationToken.None);

    private string Keep(string stem, string csv)
    {
        File.WriteAllText(Path.Combine(Clean, $"{stem}.csv"), csv);
        return csv;
    }

    private static double Age(int row) => 20 + row * 7 % 40;

    private static double Price(int row) => row % 37 / 2.0;

    private static string Csv(string stem, int rows) => "id,age,price,colour\n"
        + string.Concat(Enumerable.Range(0, rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"{stem}-{row},{Age(row)},{Price(row)},{row % 4}\n")));

    private static byte[] Parquet(string stem, int rows, string price)
    {
        using var bytes = new MemoryStream();
        using (var file = new ParquetFileWriter(bytes, [new Column<string>("id"), new Column<float>("age"), new Column<double>(price), new Column<int>("colour")], leaveOpen: true))
        {
            foreach (int[] chunk in Enumerable.Range(0, rows).Chunk(GroupRows))
            {
                using RowGroupWriter writer = file.AppendRowGroup();
                using (LogicalColumnWriter<string> column = writer.NextColumn().LogicalWriter<string>()) column.WriteBatch([.. chunk.Select(row => $"{stem}-{row}")]);
                using (LogicalColumnWriter<float> column = writer.NextColumn().LogicalWriter<float>()) column.WriteBatch([.. chunk.Select(row => (float)Age(row))]);
                using (LogicalColumnWriter<double> column = writer.NextColumn().LogicalWriter<double>()) column.WriteBatch([.. chunk.Select(Price)]);
                using (LogicalColumnWriter<int> column = writer.NextColumn().LogicalWriter<int>()) column.WriteBatch([.. chunk.Select(row => row % 4)]);
            }

            file.Close();
        }

        return bytes.ToArray();
    }

    private static byte[] Zip(string text)
    {
        using var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest)) zip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
