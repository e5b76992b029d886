using System.Collections.Immutable;
using System.Globalization;
using Juoku.Bench.Models;
using Juoku.Bench.Results;
using Juoku.Bench.Timing;
using Juoku.Forest;
using Juoku.Learning.LightGbm;
using ParquetSharp;

namespace Juoku.Bench.Predict;

/// <summary>
/// <c>juoku bench predict</c>: the whole process <c>juoku predict</c>, Parquet in and Parquet out on all cores, beside DuckDB reading and
/// summing the same columns with as many threads, turn by turn.
/// </summary>
public static class PredictBenchmark
{
    /// <summary>Rows of the input.</summary>
    public const int Rows = 3_000_000;

    /// <summary>Name of the hidden command that runs DuckDB in a process of its own.</summary>
    public const string DuckDbCommand = "duckdb-read";

    private const string Model = "200x63";
    private const int CheckedRowsPerGroup = 32_768;

    /// <summary>Makes the model and the file where the cache lacks them, then measures.</summary>
    /// <param name="options">How thoroughly.</param>
    /// <param name="juoku">The command that runs juoku: a path, and arguments to come first.</param>
    /// <param name="progress">Told what is being done, a line at a time.</param>
    /// <param name="cancel">Stops between runs.</param>
    /// <exception cref="BenchmarkException">A process failed; the message holds what it said.</exception>
    public static BenchmarkReport Run(BenchmarkOptions options, IReadOnlyList<string> juoku, IProgress<string> progress, CancellationToken cancel = default)
    {
        BenchmarkCache cache = options.OpenCache();
        string model = cache.Model(BenchmarkModel.Named(Model), progress, cancel);
        string input = ClickParquet.InCache(cache, Rows, progress, cancel);
        int threads = Environment.ProcessorCount;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("juoku-bench-");
        try
        {
            string output = Path.Combine(folder.FullName, "predictions.parquet");
            string count = threads.ToString(CultureInfo.InvariantCulture);
            string[] predict = ["predict", "--model", model, "--input", input, "--output", output, "--threads", count];
            string[] read = ["bench", DuckDbCommand, "--input", input, "--threads", count];

            progress.Report("predict: checking raw scores");
            Spawn(juoku, [.. predict, "--raw"], folder);
            string? difference = FirstDifference(model, input, output);
            Spawn(juoku, read, folder);

            int rounds = options.Quick ? 3 : 7;
            var peaks = new List<long>();
            var queries = new double[rounds];
            (string, Func<int, double>)[] contestants =
            [
                ("juoku", round =>
                {
                    progress.Report(string.Create(CultureInfo.InvariantCulture, $"predict: measuring, round {round + 1} of {rounds}"));
                    File.Delete(output);
                    (ProcessCost cost, _) = Spawn(juoku, predict, folder);
                    peaks.Add(cost.PeakResidentBytes);
                    return 1 / cost.Seconds;
                }),
                ("duckdb_process", round =>
                {
                    (ProcessCost cost, string result) = Spawn(juoku, read, folder);
                    queries[round] = DuckDbReadResult.FromJson(result).Seconds;
                    return 1 / cost.Seconds;
                }),
            ];
            InterleavedRun run = InterleavedRun.Measure(contestants, rounds, cancel);
            return Report(options, run, queries, peaks.Max(), threads, difference, new FileInfo(model).Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static BenchmarkReport Report(
        BenchmarkOptions options, InterleavedRun run, double[] queries, long peak, int threads, string? difference, long modelBytes)
    {
        double seconds = 1 / run.Rate("juoku");
        double query = InterleavedRun.Median(queries);
        return BenchmarkReport.Of("predict", options,
            "Juoku's time is that of the whole process, start to exit. duckdb_read compares it with DuckDB's query alone, first in its process, "
                + "without the start of that process: the comparison that flatters Juoku least. duckdb_process compares whole processes. "
                + "Below 1 Juoku scored, and wrote, in less time than DuckDB read. Peak memory is the largest of all rounds.",
            [
                new BenchmarkCase
                {
                    Name = "predict",
                    RowsPerS = Math.Round(Rows / seconds),
                    Exact = difference is null,
                    Seconds = Math.Round(seconds, 3),
                    PeerSeconds = ImmutableSortedDictionary<string, double>.Empty.Add("duckdb_read", Math.Round(query, 3)).Add("duckdb_process", Math.Round(1 / run.Rate("duckdb_process"), 3)),
                    Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("duckdb_read", Math.Round(seconds / query, 2)).Add("duckdb_process", Math.Round(1 / run.Ratio("duckdb_process"), 2)),
                    Rows = Rows,
                    Threads = threads,
                    PeakRssMb = Math.Round(peak / 1e6, 1),
                    ModelMb = Math.Round(modelBytes / 1e6, 2),
                    Note = $"model {Model}, 40 float columns, zstd Parquet in and Parquet out" + (difference is null ? "" : "; " + difference),
                },
            ],
            ("duckdb", DuckDbRead.Version));
    }

    /// <summary>Runs juoku, measured by a small juoku of its own; what it printed is returned, and is the error where it fails.</summary>
    private static (ProcessCost Cost, string Output) Spawn(IReadOnlyList<string> juoku, IReadOnlyList<string> arguments, DirectoryInfo folder)
    {
        string[] files = [.. ((string[])["stdout", "stderr", "cost", "trouble"]).Select(name => Path.Combine(folder.FullName, name))];
        ProcessCost measuring = ChildProcess.Run(
            [.. juoku, "bench", ChildProcess.MeasuringCommand, "--stdout", files[0], "--stderr", files[1], "--", .. juoku, .. arguments], files[2], files[3]);
        string said = string.Join(' ', juoku.Concat(arguments));
        if (measuring.ExitCode != 0) throw new BenchmarkException($"{said}: could not be measured: {File.ReadAllText(files[3]).Trim()}");
        ProcessCost cost = ProcessCost.FromJson(File.ReadAllText(files[2]));
        return cost.ExitCode == 0
            ? (cost, File.ReadAllText(files[0]))
            : throw new BenchmarkException($"{said}: exit code {cost.ExitCode}: {File.ReadAllText(files[1]).Trim()}");
    }

    /// <summary>
    /// The first raw score that is not LightGBM's to the last bit, in words; null where all are. Looks at the start of the first, middle
    /// and last row group of the input: all of it would take LightGBM longer than the benchmark.
    /// </summary>
    private static string? FirstDifference(string model, string input, string output)
    {
        using Booster booster = Booster.Load(model);
        using var rows = new ParquetFileReader(input);
        double[] actual = ReadScores(output);
        if (actual.Length != Rows) return string.Create(CultureInfo.InvariantCulture, $"{actual.Length} scores for {Rows} rows");

        int groups = rows.FileMetaData.NumRowGroups;
        long first = 0;
        for (int g = 0; g < groups; g++)
        {
            using RowGroupReader group = rows.RowGroup(g);
            if (g == 0 || g == groups / 2 || g == groups - 1)
            {
                int count = (int)Math.Min(CheckedRowsPerGroup, group.MetaData.NumRows);
                float[][] columns = [.. Enumerable.Range(0, SyntheticClicks.FeatureCount).Select(f => ReadFloats(group, f, count))];
                var expected = new double[count];
                booster.Predict<float>(SyntheticClicks.ToRows(columns), expected, ScoreKind.Raw, threads: 0);
                for (int i = 0; i < count; i++)
                {
                    if (BitConverter.DoubleToInt64Bits(expected[i]) != BitConverter.DoubleToInt64Bits(actual[first + i]))
                        return FormattableString.Invariant($"row {first + i} scores {actual[first + i]:R} where LightGBM says {expected[i]:R}");
                }
            }

            first += group.MetaData.NumRows;
        }

        return null;
    }

    private static float[] ReadFloats(RowGroupReader group, int column, int count)
    {
        using ColumnReader reader = group.Column(column);
        using LogicalColumnReader<float> logical = reader.LogicalReader<float>();
        return logical.ReadAll(count);
    }

    /// <summary>The last column of the output.</summary>
    private static double[] ReadScores(string output)
    {
        using var file = new ParquetFileReader(output);
        var scores = new List<double>(Rows);
        for (int g = 0; g < file.FileMetaData.NumRowGroups; g++)
        {
            using RowGroupReader group = file.RowGroup(g);
            using ColumnReader reader = group.Column(file.FileMetaData.NumColumns - 1);
            using LogicalColumnReader<double> logical = reader.LogicalReader<double>();
            scores.AddRange(logical.ReadAll((int)group.MetaData.NumRows));
        }

        return [.. scores];
    }
}
