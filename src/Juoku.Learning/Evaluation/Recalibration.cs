using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch.Predicting;
using Juoku.Learning.Training;

namespace Juoku.Learning.Evaluation;

/// <summary>A recalibration that was tried, and whether it helped on days it was not fitted on.</summary>
/// <param name="Method">isotonic or platt.</param>
/// <param name="LogLoss">Log loss of the days to judge by, with it.</param>
public sealed record TriedCalibration(string Method, double LogLoss);

/// <summary>Which recalibration to keep: fitted on some held-out days, judged on later ones.</summary>
/// <param name="Kept">The one that does best; null when none lowers the log loss.</param>
/// <param name="LogLossWithout">Log loss of the days to judge by, without any.</param>
/// <param name="Tried">What was tried.</param>
/// <param name="Reason">Why it is so, in words.</param>
public sealed record Recalibration(CalibrationCurve? Kept, double? LogLossWithout, ImmutableArray<TriedCalibration> Tried, string Reason)
{
    // A mean that is 2 % off costs a click log loss only some 0.004 % of itself, and costs real money in bids: the bar must lie below that.
    private const double LeastGain = 1e-5;

    /// <summary>Tries those that the choice allows.</summary>
    /// <param name="choice">Which may be kept.</param>
    /// <param name="fit">Rows to fit on; null where there are none that are not needed to judge.</param>
    /// <param name="judge">Rows of later days.</param>
    public static Recalibration Choose(CalibrationChoice choice, ScoredRows? fit, ScoredRows judge)
    {
        if (choice == CalibrationChoice.None) return new Recalibration(null, null, [], "none: the configuration says so");
        if (fit is null) return new Recalibration(null, null, [], "none: one held-out day cannot both fit and judge; hold out two");

        double without = ProbabilityMetrics.LogLossOf(judge.Probabilities, judge.Labels, judge.Weights);
        var tried = ImmutableArray.CreateBuilder<TriedCalibration>();
        CalibrationCurve? best = null;
        double least = without * (1 - LeastGain);
        if (choice != CalibrationChoice.Platt) Try(CalibrationFit.Isotonic(fit.Probabilities, fit.Labels, fit.Weights));
        if (choice != CalibrationChoice.Isotonic) Try(CalibrationFit.Platt(fit.Probabilities, fit.Labels, fit.Weights));
        string reason = best is not null
            ? string.Create(CultureInfo.InvariantCulture, $"{best.Method}: log loss {without:F6} → {least:F6} on days it was not fitted on")
            : tried.Count > 0 ? "none: it did not lower the log loss on days it was not fitted on" : "none: too few clicks to fit one";
        return new Recalibration(best, without, tried.ToImmutable(), reason);

        void Try(CalibrationCurve? curve)
        {
            if (curve is null) return;
            double[] probabilities = [.. judge.Probabilities];
            curve.Apply(probabilities);
            double loss = ProbabilityMetrics.LogLossOf(probabilities, judge.Labels, judge.Weights);
            tried.Add(new TriedCalibration(curve.Method, loss));
            if (loss < least) (best, least) = (curve, loss);
        }
    }
}
