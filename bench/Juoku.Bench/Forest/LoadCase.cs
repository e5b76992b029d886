using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Juoku.Bench.Models;
using Juoku.Bench.Results;
using Juoku.Bench.Timing;
using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Bench.Forest;

/// <summary>
/// From a model file to the first score, beside LightGBM's load of the same file. Juoku's time includes scoring one row, so that nothing
/// it puts off until then is left out; LightGBM's is the load alone. What a first batch needs beyond that is measured too.
/// </summary>
internal static class LoadCase
{
    public const string Name = "load";

    private const int CheckedRows = 1_024;

    public static BenchmarkCase Run(BenchmarkCache cache, BenchmarkOptions options, IProgress<string> progress, CancellationToken cancel)
    {
        BenchmarkModel model = BenchmarkModel.ToLoad;
        string path = cache.Model(model, progress, cancel);
        var rows = new BenchmarkRows(CheckedRows, model.HasCategories);
        progress.Report($"{Name}: measuring");
        using Booster booster = Booster.Load(path);
        string? difference = ScoringCase.FirstDifference(ForestModel.Load(path), booster, rows);

        Column[] firstRow = [.. rows.Columns.Select(column => Column.Of(column.AsMemory(0, 1)))];
        var score = new double[1];
        (string, Func<int, double>)[] contestants =
        [
            ("juoku", _ => 1 / Seconds(() => ForestModel.Load(path).Score(firstRow, score))),
            ("juoku for batches", _ => 1 / Seconds(() => ForestModel.Load(path).Prepare())),
            ("lightgbm", _ => 1 / Seconds(() => Booster.Load(path).Dispose())),
        ];
        InterleavedRun run = InterleavedRun.Measure(contestants, options.Rounds, cancel);
        return new BenchmarkCase
        {
            Name = Name,
            Exact = difference is null,
            Seconds = Math.Round(1 / run.Rate("juoku"), 4),
            PeerSeconds = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", Math.Round(1 / run.Rate("lightgbm"), 4)),
            Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", Math.Round(run.Ratio("lightgbm"), 2)),
            Rows = CheckedRows,
            Threads = Environment.ProcessorCount,
            ModelMb = Math.Round(new FileInfo(path).Length / 1e6, 2),
            Note = (difference is null ? "" : difference + "; ") + $"model {model.Name}; juoku's time includes the score of a first row, lightgbm's does not; either may use every core; "
                + string.Create(CultureInfo.InvariantCulture, $"laid out for batches too, juoku takes {1 / run.Rate("juoku for batches"):F3} s"),
        };
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
