using System.Collections.Immutable;
using Juoku.Bench.Models;
using Juoku.Bench.Onnx;
using Juoku.Bench.Results;
using Juoku.Bench.Timing;
using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Bench.Forest;

/// <summary>Rows a second of one model on one thread, beside LightGBM and, for numeric models, ONNX Runtime.</summary>
internal static class ScoringCase
{
    private const int FewestRows = 16_384;
    private const int MostRows = 131_072;

    /// <summary>What float32 sums of a thousand leaves may differ by; a wrong conversion is off by far more.</summary>
    private const double OnnxTolerance = 1e-4;

    private static readonly int[] OnnxBatches = [256, 4_096, MostRows];

    public static BenchmarkCase Run(BenchmarkModel model, string path, BenchmarkOptions options, IProgress<string> progress, CancellationToken cancel)
    {
        progress.Report($"{model.Name}: loading and checking scores");
        ForestModel forest = ForestModel.Load(path);
        using Booster booster = Booster.Load(path);
        BenchmarkRows rows = RowsFor(model, booster, options);
        var scores = new double[rows.Count];
        string? difference = FirstDifference(forest, booster, rows);

        List<Contestant> contestants = [new("juoku", rows.Count, (first, count) => Score(forest, rows, first, count, scores, ScoreKind.Prediction), options.Clock)];
        progress.Report($"{model.Name}: finding how each peer is quickest");
        (Contestant lightGbm, string layout) = Quickest(options,
        [
            (new("lightgbm", rows.Count, (first, count) => booster.Predict<float>(rows.FloatRange(first, count).Span, scores.AsSpan(first, count)), options.Clock), "float"),
            (new("lightgbm", rows.Count, (first, count) => booster.Predict<double>(rows.DoubleRange(first, count).Span, scores.AsSpan(first, count)), options.Clock), "double"),
        ]);
        contestants.Add(lightGbm);
        string note = $"lightgbm reads {layout}";

        using OnnxScorer? onnx = model.HasCategories ? null : new OnnxScorer(OnnxTreeModel.Write(forest.Ensemble), SyntheticClicks.FeatureCount);
        if (onnx is null)
        {
            note += "; onnxruntime left out: ONNX trees have no sets of categories";
        }
        else
        {
            var floats = new float[rows.Count];
            Check(onnx, booster, rows, floats);
            (Contestant onnxRuntime, string batch) = Quickest(options, OnnxBatches.Select(size =>
                (new Contestant("onnxruntime", rows.Count, (first, count) => Score(onnx, rows, first, count, size, floats), options.Clock),
                size < MostRows ? $"batches of {size}" : "one batch")));
            contestants.Add(onnxRuntime);
            note += $"; onnxruntime scores {batch}";
        }

        contestants[0].Calibrate(options.SampleTime);
        progress.Report($"{model.Name}: measuring");
        InterleavedRun run = InterleavedRun.Measure(contestants, options.Rounds, cancel);
        IEnumerable<string> peers = contestants.Skip(1).Select(c => c.Name);
        return new BenchmarkCase
        {
            Name = model.Name,
            RowsPerS = Math.Round(run.Rate("juoku")),
            Exact = difference is null,
            Ratio = peers.ToImmutableSortedDictionary(name => name, name => Math.Round(run.Ratio(name), 2)),
            PeerRowsPerS = peers.ToImmutableSortedDictionary(name => name, name => Math.Round(run.Rate(name))),
            Rows = rows.Count,
            Threads = 1,
            Kernel = forest.KernelName,
            ModelMb = Math.Round(new FileInfo(path).Length / 1e6, 2),
            Note = difference is null ? note : $"{difference}; {note}",
        };
    }

    /// <summary>The first raw score that is not LightGBM's own, in words; null where all are.</summary>
    public static string? FirstDifference(ForestModel forest, Booster booster, BenchmarkRows rows)
    {
        var expected = new double[rows.Count];
        var actual = new double[rows.Count];
        booster.Predict<float>(rows.Floats, expected, ScoreKind.Raw, threads: 0);
        Score(forest, rows, 0, rows.Count, actual, ScoreKind.Raw);
        for (int i = 0; i < rows.Count; i++)
        {
            if (BitConverter.DoubleToInt64Bits(expected[i]) != BitConverter.DoubleToInt64Bits(actual[i]))
                return FormattableString.Invariant($"row {i} scores {actual[i]:R} where LightGBM says {expected[i]:R}");
        }

        return null;
    }

    private static void Score(ForestModel forest, BenchmarkRows rows, int first, int count, double[] scores, ScoreKind kind)
    {
        var columns = new Column[rows.Columns.Length];
        for (int f = 0; f < columns.Length; f++) columns[f] = Column.Of(rows.Columns[f].AsMemory(first, count));
        forest.Score(columns, scores.AsSpan(first, count), kind);
    }

    private static void Score(OnnxScorer onnx, BenchmarkRows rows, int first, int count, int batch, float[] scores)
    {
        for (int at = first; at < first + count; at += batch)
        {
            int size = Math.Min(batch, first + count - at);
            onnx.Score(rows.FloatRange(at, size), scores.AsMemory(at, size));
        }
    }

    /// <summary>As many rows as LightGBM checks in a few seconds on all cores: small models get more than big ones.</summary>
    private static BenchmarkRows RowsFor(BenchmarkModel model, Booster booster, BenchmarkOptions options)
    {
        const int probe = 1_024;
        var rows = new BenchmarkRows(probe, model.HasCategories);
        var scores = new double[probe];
        booster.Predict<float>(rows.Floats, scores, threads: 0);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        booster.Predict<float>(rows.Floats, scores, threads: 0);
        double rate = probe / System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        int affordable = (int)Math.Min(MostRows, rate * (options.Quick ? 1 : 3));
        return new BenchmarkRows(Math.Max(FewestRows, affordable / FewestRows * FewestRows), model.HasCategories);
    }

    private static (Contestant Contestant, string How) Quickest(BenchmarkOptions options, IEnumerable<(Contestant Contestant, string How)> candidates)
    {
        (Contestant Contestant, string How)[] all = [.. candidates];
        foreach ((Contestant contestant, _) in all) contestant.Calibrate(options.SampleTime);
        // Three samples each, by turns.
        double[] best = new double[all.Length];
        for (int round = 0; round < 3; round++)
            for (int i = 0; i < all.Length; i++) best[i] = Math.Max(best[i], all[i].Contestant.Sample(round));
        return all[Array.IndexOf(best, best.Max())];
    }

    private static void Check(OnnxScorer onnx, Booster booster, BenchmarkRows rows, float[] scores)
    {
        const int sample = 4_096;
        var expected = new double[sample];
        booster.Predict<float>(rows.FloatRange(0, sample).Span, expected);
        onnx.Score(rows.FloatRange(0, sample), scores.AsMemory(0, sample));
        for (int i = 0; i < sample; i++)
        {
            if (!(Math.Abs(expected[i] - scores[i]) <= OnnxTolerance))
                throw new BenchmarkException(FormattableString.Invariant($"ONNX Runtime predicts {scores[i]} for row {i} where LightGBM predicts {expected[i]}: its time means nothing."));
        }
    }
}
