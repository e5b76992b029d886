using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Bench.Predict;
using Juoku.Bench.Results;
using Juoku.Bench.Timing;

namespace Juoku.Bench.Run;

/// <summary>
/// <c>juoku bench run</c>: a run of many parts, from its plan until it is published, with a worker process that uses every core and waits for
/// messages, beside the whole process <c>juoku predict</c> over the same files, turn by turn. With a store of the caller's own the input
/// lies there, and the case is named after the store's kind.
/// </summary>
public static class RunBenchmark
{
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
        using var files = new RunFiles(options, progress, cancel);
        string store = remote?.Store ?? files.Folder;
        await using var bench = new RunBench(adapters, store, remote?.Queue ?? $"sqlite:{Path.Combine(files.Folder, "queue.db")}", await PinnedModel.OfFileAsync(files.ModelPath, cancel),
            [.. juoku, "worker", "--stop-with-parent"]);
        if (remote is not null) await bench.UploadAsync(files.Input, progress, cancel);
        progress.Report("run: a first run, to warm up");
        await bench.RunAsync(cancel);

        int rounds = options.Quick ? 3 : 5;
        var predict = new double[rounds];
        var run = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"run: measuring, round {round + 1} of {rounds}"));
            predict[round] = PredictSeconds(juoku, files);
            run[round] = await bench.RunAsync(cancel);
        }

        progress.Report("run: measuring parts that hold one row");
        double emptyPart = await bench.EmptyPartsAsync(EmptyParts, cancel) / EmptyParts;
        return Report(options, remote?.Store, run, predict, files.Rows, emptyPart);
    }

    private static double PredictSeconds(IReadOnlyList<string> juoku, RunFiles files)
    {
        string output = Path.Combine(files.Folder, "predict");
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        string errors = Path.Combine(files.Folder, "predict.stderr");
        ProcessCost cost = ChildProcess.Run([.. juoku, "predict", "--model", files.ModelPath, "--input", files.Input, "--output", output + "/"], Path.Combine(files.Folder, "predict.stdout"), errors);
        return cost.ExitCode == 0 ? cost.Seconds : throw new BenchmarkException($"juoku predict: exit code {cost.ExitCode}: {File.ReadAllText(errors).Trim()}");
    }

    private static BenchmarkReport Report(BenchmarkOptions options, string? store, double[] run, double[] predict, int rows, double emptyPart)
    {
        double seconds = InterleavedRun.Median(run);
        double ratio = InterleavedRun.Median([.. predict.Zip(run, (whole, parts) => whole / parts)]);
        return BenchmarkReport.Of("run", options,
            "A run from its plan until it is published, by a worker that was waiting for messages, against the whole process juoku predict over the "
                + "same files on the local disk; both use every core. Above 1 the run is the quicker one.",
            [
                new BenchmarkCase
                {
                    Name = store is null ? "run" : $"run-{Adapters.SchemeOf(store) ?? "file"}",
                    RowsPerS = Math.Round(rows / seconds),
                    Seconds = Math.Round(seconds, 3),
                    PeerSeconds = ImmutableSortedDictionary<string, double>.Empty.Add("predict", Math.Round(InterleavedRun.Median(predict), 3)),
                    Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("predict", Math.Round(ratio, 2)),
                    Rows = rows,
                    Threads = Environment.ProcessorCount,
                    Note = string.Create(CultureInfo.InvariantCulture,
                        $"model {RunFiles.Model}, {rows / RunFiles.RowsPerPart} parts of {RunFiles.RowsPerPart:N0} rows × 40 floats; a part of one row costs {emptyPart * 1000:0.0} ms; a billion rows at this rate take {1e9 / (rows / seconds) / 60:0.0} minutes"),
                },
            ]);
    }
}
