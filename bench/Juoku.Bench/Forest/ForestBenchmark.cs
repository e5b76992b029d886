using System.Collections.Immutable;
using Juoku.Bench.Models;
using Juoku.Bench.Results;
using Juoku.Learning.LightGbm;

namespace Juoku.Bench.Forest;

/// <summary>
/// <c>juoku bench forest</c>: what one thread scores, beside LightGBM's C API and ONNX Runtime on one thread each, measured turn by turn;
/// what loading a model costs; what one row alone costs. Every score is compared with LightGBM's own.
/// </summary>
public static class ForestBenchmark
{
    /// <summary>Names of the cases, in the order they run.</summary>
    public static ImmutableArray<string> CaseNames { get; } = [.. BenchmarkModel.All.Select(model => model.Name), LoadCase.Name, SingleRowCase.Name];

    /// <summary>Trains the models that the cache lacks, then runs the cases.</summary>
    /// <param name="options">Which cases, how thoroughly.</param>
    /// <param name="progress">Told what is being done, a line at a time.</param>
    /// <param name="cancel">Stops between samples.</param>
    /// <exception cref="ArgumentException">A case is not among <see cref="CaseNames"/>.</exception>
    /// <exception cref="LightGbmUnavailableException">LightGBM's native library cannot be used here.</exception>
    public static BenchmarkReport Run(BenchmarkOptions options, IProgress<string> progress, CancellationToken cancel = default)
    {
        if (options.Cases.FirstOrDefault(name => !CaseNames.Contains(name)) is { } unknown)
            throw new ArgumentException($"'{unknown}' is no case of this benchmark; it has {string.Join(", ", CaseNames)}.", nameof(options));

        BenchmarkCache cache = options.OpenCache();
        ImmutableArray<BenchmarkCase>.Builder cases = ImmutableArray.CreateBuilder<BenchmarkCase>();
        foreach (BenchmarkModel model in BenchmarkModel.All.Where(model => options.Wants(model.Name)))
            cases.Add(ScoringCase.Run(model, cache.Model(model, progress, cancel), options, progress, cancel));
        if (options.Wants(LoadCase.Name)) cases.Add(LoadCase.Run(cache, options, progress, cancel));
        if (options.Wants(SingleRowCase.Name)) cases.Add(SingleRowCase.Run(cache, options, progress, cancel));

        return BenchmarkReport.Of("forest", options,
            (options.ThreadTime ? "Timed by the thread's processor time, not by the clock on the wall. " : "") + "Ratio: how many times faster Juoku is than the peer, one thread each, taking turns; the median over rounds. All return probabilities "
                + "for rows in memory: Juoku from float columns, LightGBM's PredictForMat from row-major float or double and ONNX Runtime in "
                + "batches of the size that suits it, whichever is quicker. Exact: every raw score equals LightGBM's to the last bit.", cases.ToImmutable(),
            ("lightgbm", LightGbmVersion.Value),
            ("onnxruntime", Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString()));
    }
}
