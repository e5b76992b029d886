using System.Collections.Immutable;
using Juoku.Batch.Predicting;
using Juoku.Learning.Features;
using Juoku.Learning.Training;

namespace Juoku.Learning.Evaluation;

/// <summary>Puts an evaluation together from scored rows.</summary>
public static class ModelEvaluation
{
    private const int DecileCount = 10;

    /// <summary>Measures scored days.</summary>
    /// <param name="model">The model that scored them.</param>
    /// <param name="set">Name of the feature set.</param>
    /// <param name="days">The days.</param>
    /// <param name="scoring">Their rows, scored.</param>
    public static EvaluationResult Of(EvaluatedModel model, string set, ImmutableArray<FeatureDay> days, FeatureScoring scoring)
    {
        ScoredRows rows = scoring.Rows;
        if (rows.Count == 0) throw new NotFoundException($"the days {FeatureDays.Ranges([.. days.Select(day => day.Date)])} of the feature set '{set}' have no rows");
        Ranking ranking = Ranking.Of(rows.Probabilities, rows.Labels, rows.Weights);
        return new EvaluationResult
        {
            Model = model.Name,
            ModelDigest = model.Model.Forest.Digest,
            TreeCount = model.Model.Forest.Ensemble.Trees.Length,
            Manifest = model.Manifest,
            Calibration = InWords(model.Model.Calibration),
            Set = set,
            From = days[0].Date,
            To = days[^1].Date,
            Metrics = ProbabilityMetrics.Of(rows.Probabilities, rows.Labels, rows.Weights, ranking),
            Days = [.. DayByDay(rows, days)],
            Truth = TruthComparison.Of(rows),
            Reliability = ReliabilityBin.Cut(ranking, ProbabilityMetrics.Bins),
            Deciles = ReliabilityBin.Cut(ranking, DecileCount),
            Curves = Curves.Of(ranking),
            Histogram = ScoreHistogram.Of(rows.Probabilities, rows.Labels, rows.Weights),
            Breakdowns = [.. rows.Breakdowns.Select(column => Breakdown.Of(rows, column))],
            Drift = model.Profile is null ? [] :
            [
                .. model.Profile.Features.Zip(scoring.Shares, FeatureDrift.Of)
                    .OrderByDescending(drift => drift.Psi).ThenBy(drift => drift.Name, StringComparer.Ordinal),
            ],
            Importance = ModelImportance.Of(model.Text.Span, model.Model.Forest.FeatureNames),
        };
    }

    /// <summary>The steps of a calibration, in words; null for none.</summary>
    public static string? InWords(Calibration? calibration) => calibration is null or { Steps.IsEmpty: true } ? null : string.Join(", ", calibration.Steps.Select(step => step switch
    {
        DownSamplingCorrection => "down-sampling undone",
        CalibrationCurve curve => curve.Method,
        _ => step.GetType().Name,
    }));

    private static IEnumerable<DayMetrics> DayByDay(ScoredRows rows, ImmutableArray<FeatureDay> days)
    {
        // Rows come day by day.
        int start = 0;
        for (int day = 0; day < days.Length; day++)
        {
            int end = start;
            while (end < rows.Count && rows.Days[end] == day) end++;
            if (end > start)
                yield return new DayMetrics(days[day].Date, ProbabilityMetrics.Of(rows.Probabilities.AsSpan(start..end), rows.Labels.AsSpan(start..end), rows.Weights.AsSpan(start..end)));
            start = end;
        }
    }
}
