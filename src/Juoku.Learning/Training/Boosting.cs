using System.Collections.Immutable;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Training;

/// <summary>The outcome of boosting.</summary>
/// <param name="Iterations">Iterations that were run.</param>
/// <param name="Best">The iteration to keep, and its metric.</param>
/// <param name="Ending">Why it ended, in words.</param>
public sealed record BoostingOutcome(int Iterations, BoostingState Best, string Ending);

/// <summary>Adds trees until the validation metric has not improved for a while.</summary>
public static class Boosting
{
    private static readonly ImmutableArray<string> HigherIsBetter = ["auc", "average_precision", "ndcg", "map", "auc_mu"];

    /// <summary>Runs iterations.</summary>
    /// <param name="booster">With the rows to validate on added; its first metric decides.</param>
    /// <param name="config">Iterations and patience.</param>
    /// <param name="progress">Told of each iteration.</param>
    /// <param name="cancellation">Stops between iterations.</param>
    public static BoostingOutcome Run(Booster booster, TrainingConfig config, TrainingProgress progress, CancellationToken cancellation)
    {
        string metric = booster.Metrics() is [var first, ..] ? first : throw new LightGbmException("LGBM_BoosterGetEvalNames", "no metric to validate by; set 'metric' in the parameters");
        double sign = HigherIsBetter.Contains(metric.Split('@')[0]) ? -1 : 1;
        var best = new BoostingState(metric, double.NaN, double.NaN, 0);
        for (int iteration = 1; iteration <= config.Rounds; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool grew = booster.Update();
            double value = booster.Measure(1)[0];
            if (!config.CanStopEarly || best.BestIteration == 0 || sign * value < sign * best.Best) best = new BoostingState(metric, value, value, iteration);
            progress.Report(iteration, best with { Last = value });
            if (!grew) return new BoostingOutcome(iteration, best, "no further split improves the model");
            if (config.CanStopEarly && iteration - best.BestIteration >= config.EarlyStopping)
                return new BoostingOutcome(iteration, best, $"{metric} has not improved for {config.EarlyStopping} iterations");
        }

        return new BoostingOutcome(config.Rounds, best, "all rounds were run");
    }
}
