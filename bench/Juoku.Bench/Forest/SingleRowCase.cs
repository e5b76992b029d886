using System.Collections.Immutable;
using Juoku.Bench.Models;
using Juoku.Bench.Results;
using Juoku.Bench.Timing;
using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Bench.Forest;

/// <summary>One row a call, a different one each time, beside LightGBM's <c>PredictForMatSingleRowFast</c>.</summary>
internal static class SingleRowCase
{
    public const string Name = "single-row";

    private const int RowCount = 16_384;

    public static BenchmarkCase Run(BenchmarkCache cache, BenchmarkOptions options, IProgress<string> progress, CancellationToken cancel)
    {
        string path = cache.Model(BenchmarkModel.Named("200x63"), progress, cancel);
        var rows = new BenchmarkRows(RowCount, categories: false);
        ForestModel forest = ForestModel.Load(path);
        using Booster booster = Booster.Load(path);
        using RowScorer native = booster.CreateRowScorer();
        progress.Report($"{Name}: measuring");
        bool exact = IsExact(forest, booster, rows);

        double sum = 0;
        Contestant[] contestants =
        [
            new("juoku", RowCount, (first, count) =>
            {
                for (int i = first; i < first + count; i++) sum += forest.ScoreRow(rows.Row(i));
            }, options.Clock),
            new("lightgbm", RowCount, (first, count) =>
            {
                for (int i = first; i < first + count; i++) sum += native.Score(rows.Row(i));
            }, options.Clock),
        ];
        foreach (Contestant contestant in contestants) contestant.Calibrate(options.SampleTime);
        InterleavedRun run = InterleavedRun.Measure(contestants, options.Rounds, cancel);
        GC.KeepAlive(sum);
        return new BenchmarkCase
        {
            Name = Name,
            RowsPerS = Math.Round(run.Rate("juoku")),
            NsPerRow = Math.Round(1e9 / run.Rate("juoku")),
            Exact = exact,
            Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", Math.Round(run.Ratio("lightgbm"), 2)),
            PeerRowsPerS = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", Math.Round(run.Rate("lightgbm"))),
            Rows = RowCount,
            Threads = 1,
            Kernel = forest.KernelName,
            Note = "model 200x63; lightgbm's PredictForMatSingleRowFast; a different row each call",
        };
    }

    private static bool IsExact(ForestModel forest, Booster booster, BenchmarkRows rows)
    {
        using RowScorer raw = booster.CreateRowScorer(ScoreKind.Raw);
        for (int i = 0; i < rows.Count; i++)
        {
            double expected = raw.Score(rows.Row(i));
            if (BitConverter.DoubleToInt64Bits(expected) != BitConverter.DoubleToInt64Bits(forest.ScoreRow(rows.Row(i), ScoreKind.Raw))) return false;
        }

        return true;
    }
}
