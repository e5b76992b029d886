using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Bench.Models;
using Juoku.Bench.Predict;
using Juoku.Bench.Results;
using Juoku.Bench.Timing;
using Juoku.Forest;

namespace Juoku.Bench.Run;

/// <summary>
/// <c>juoku bench run</c>: a run of many parts, from its plan until it is published, with a worker process that uses every core and waits for
/// messages, beside the whole process <c>juoku predict</c> over the same files, turn by turn. With a store of the caller's own the input
/// lies there, and the case is named after the store's kind.
/// </summary>
public static class RunBenchmark
{
    private const string Model = "200x63";
    private const int RowsPerFile = 1_000_000;
    private const int Files = 24;
    private const int QuickFiles = 6;
    private const int EmptyParts = 300;

    /// <summary>Makes what the cache lacks, then measures.</summary>
    /// <param name="options">How thoroughly.</param>
    /// <param name="juoku">The command that runs juoku: a path, and arguments to come first.</param>
    /// <param name="adapters">Open store and queue.</param>
    /// <param name="remote">URLs of a store and a queue to use instead of a folder and a SQLite file.</param>
    /// <param name="progress">Told what is being done, a line at a time.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="BenchmarkException">A process failed, or a run was not published.</exception>
    public static async Task<BenchmarkReport> RunAsync(
        BenchmarkOptions options, IReadOnlyList<string> juoku, Adapters adapters, (string Store, string Queue)? remote, IProgress<string> progress, CancellationToken cancel)
    {
        BenchmarkCache cache = options.OpenCache();
        string cached = cache.Model(BenchmarkModel.Named(Model), progress, cancel);
        string rows = ClickParquet.InCache(cache, RowsPerFile, progress, cancel);
        int files = options.Quick ? QuickFiles : Files;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("juoku-bench-");
        try
        {
            string model = Path.Combine(folder.CreateSubdirectory("model").FullName, PinnedModel.ModelFile);
            File.Copy(cached, model);
            string local = Path.Combine(folder.FullName, "input");
            Directory.CreateDirectory(local);
            for (int i = 0; i < files; i++) File.Copy(rows, Path.Combine(local, string.Create(CultureInfo.InvariantCulture, $"part-{i:D5}.parquet")));

            string store = remote?.Store ?? folder.FullName;
            await using var bench = new RunBench(adapters, store, remote?.Queue ?? $"sqlite:{Path.Combine(folder.FullName, "queue.db")}", await PinnedModel.OfFileAsync(model, cancel),
                [.. juoku, "worker", "--stop-with-parent"]);
            if (remote is not null) await bench.UploadAsync(local, progress, cancel);
            progress.Report("run: a first run, to warm up");
            await bench.RunAsync(cancel);

            int rounds = options.Quick ? 3 : 5;
            string output = Path.Combine(folder.FullName, "predict");
            var predict = new double[rounds];
            var run = new double[rounds];
            for (int round = 0; round < rounds; round++)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"run: measuring, round {round + 1} of {rounds}"));
                predict[round] = PredictSeconds(juoku, model, local, output, folder);
                run[round] = await bench.RunAsync(cancel);
            }

            progress.Report("run: measuring parts that hold one row");
            double emptyPart = await bench.EmptyPartsAsync(EmptyParts, cancel) / EmptyParts;
            return Report(options, remote?.Store, run, predict, (long)files * RowsPerFile, emptyPart);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double PredictSeconds(IReadOnlyList<string> juoku, string model, string input, string output, DirectoryInfo folder)
    {
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        string errors = Path.Combine(folder.FullName, "predict.stderr");
        ProcessCost cost = ChildProcess.Run([.. juoku, "predict", "--model", model, "--input", input, "--output", output + "/"], Path.Combine(folder.FullName, "predict.stdout"), errors);
        return cost.ExitCode == 0 ? cost.Seconds : throw new BenchmarkException($"juoku predict: exit code {cost.ExitCode}: {File.ReadAllText(errors).Trim()}");
    }

    private static BenchmarkReport Report(BenchmarkOptions options, string? store, double[] run, double[] predict, long rows, double emptyPart)
    {
        double seconds = InterleavedRun.Median(run);
        double ratio = InterleavedRun.Median([.. predict.Zip(run, (whole, parts) => whole / parts)]);
        return new BenchmarkReport
        {
            Benchmark = "run",
            Cpu = Machine.Current.Cpu,
            Cores = Machine.Current.Cores,
            Quick = options.Quick,
            Versions = ImmutableSortedDictionary.CreateRange(
            [
                KeyValuePair.Create("juoku", typeof(ForestModel).Assembly.GetName().Version!.ToString(3)),
                KeyValuePair.Create("dotnet", Environment.Version.ToString()),
            ]),
            Note = "A run from its plan until it is published, by a worker that was waiting for messages, against the whole process juoku predict over the "
                + "same files on the local disk; both use every core. Above 1 the run is the quicker one.",
            Cases =
            [
                new BenchmarkCase
                {
                    Name = store is null ? "run" : $"run-{Adapters.SchemeOf(store) ?? "file"}",
                    RowsPerS = Math.Round(rows / seconds),
                    Seconds = Math.Round(seconds, 3),
                    PeerSeconds = ImmutableSortedDictionary<string, double>.Empty.Add("predict", Math.Round(InterleavedRun.Median(predict), 3)),
                    Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("predict", Math.Round(ratio, 2)),
                    Rows = (int)rows,
                    Threads = Environment.ProcessorCount,
                    Note = string.Create(CultureInfo.InvariantCulture,
                        $"model {Model}, {rows / RowsPerFile} parts of {RowsPerFile:N0} rows × 40 floats; a part of one row costs {emptyPart * 1000:0.0} ms; a billion rows at this rate take {1e9 / (rows / seconds) / 60:0.0} minutes"),
                },
            ],
        };
    }
}
