using System.Collections.Immutable;
using System.Globalization;

namespace Juoku.Batch.Runs;

/// <summary>The gate's verdict on a run: <c>runs/‹run›/gate.json</c>.</summary>
public sealed record GateVerdict
{
    /// <summary>Whether readers may have the predictions.</summary>
    public required bool Passed { get; init; }

    /// <summary>Why not, a line each.</summary>
    public required ImmutableArray<string> Reasons { get; init; }

    /// <summary>What was measured, by name.</summary>
    public required ImmutableSortedDictionary<string, double> Measured { get; init; }

    /// <summary>The published run that this one was held against; null for the first of a set.</summary>
    public string? Baseline { get; init; }

    /// <summary>Which receipts the verdict is about: see <see cref="RunManifest.ReceiptsDigest"/>.</summary>
    public required string ReceiptsDigest { get; init; }

    /// <summary>When it was given.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether a person decided otherwise.</summary>
    public bool Forced { get; init; }
}

/// <summary>
/// Holds a complete run against the previous published one and against what its model was worth at its training. Without a baseline only
/// the checks that need none are made: the first run of a set passes on its own counts and its model's metrics.
/// </summary>
public static class PublicationGate
{
    /// <summary>Judges.</summary>
    /// <param name="plan">The run: thresholds and the model's metrics.</param>
    /// <param name="run">Its manifest.</param>
    /// <param name="baseline">The manifest of the previous published run of the set.</param>
    /// <param name="damage">Output files that are not what their receipts say, a line each.</param>
    /// <param name="now">The time.</param>
    public static GateVerdict Judge(RunPlan plan, RunManifest run, RunManifest? baseline, IEnumerable<string> damage, DateTimeOffset now)
    {
        GateThresholds limits = plan.Gate;
        var reasons = ImmutableArray.CreateBuilder<string>();
        var measured = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        void Check(string name, double? value, double? limit, Func<string, string, string> reason)
        {
            if (value is not { } found) return;
            measured[name] = found;
            if (limit is { } most && !(found <= most)) reasons.Add(reason(Text(found), Text(most)));
        }

        reasons.AddRange(damage);
        Check("rejected_parts", run.RejectedParts, limits.MaxRejectedParts, (value, limit) => $"{value} of {run.Parts} parts have no output (at most {limit} may); 'juoku run status {run.Run}' says why, 'juoku run retry {run.Run}' tries them again");
        Check("rejected_row_share", Share(run.RejectedRows, run.Rows + run.RejectedRows), limits.MaxRejectedRowShare, (value, limit) => $"{value} of the rows were set aside as bad (at most {limit} may)");
        if (run.Rows == 0) reasons.Add("the run has no rows");

        double? mean = run.Scores.Mean;
        if (mean is { } found) measured["mean_prediction"] = found;
        if (baseline is not null)
        {
            Check("psi", StabilityIndex.Of(baseline.Scores, run.Scores), limits.MaxPsi, (value, limit) => $"the scores are distributed otherwise than in run {baseline.Run}: PSI {value} (at most {limit})");
            Check("mean_shift", Shift(mean, baseline.Scores.Mean), limits.MaxMeanShift, (value, limit) => $"the mean prediction is {Text(mean!.Value)} where run {baseline.Run} has {Text(baseline.Scores.Mean!.Value)}: off by {value} of it (at most {limit})");
            Check("row_shift", Shift(run.Rows, baseline.Rows), limits.MaxRowShift, (value, limit) => $"the run has {run.Rows} rows where run {baseline.Run} has {baseline.Rows}: off by {value} of them (at most {limit})");
            Check("key_shift", Shift(run.KeyedRows, baseline.KeyedRows), limits.MaxRowShift, (value, limit) => $"{run.KeyedRows} rows have their keys where run {baseline.Run} has {baseline.KeyedRows}: off by {value} of them (at most {limit})");
        }

        if (!plan.Settings.Raw && plan.ModelMetrics.TryGetValue("observed_rate", out double rate))
            Check("model_shift", Shift(mean, rate), limits.MaxModelShift, (value, limit) => $"the mean prediction is {Text(mean!.Value)} where the rate observed at the training of {run.Model} was {Text(rate)}: off by {value} of it (at most {limit})");
        if (plan.ModelMetrics.TryGetValue("calibration", out double calibration))
            Check("calibration_error", Math.Abs(calibration - 1), limits.MaxCalibrationError, (value, limit) => $"the model {run.Model} predicted {Text(calibration)} clicks for each observed one at its training: off by {value} (at most {limit})");

        return new GateVerdict
        {
            Passed = reasons.Count == 0,
            Reasons = reasons.ToImmutable(),
            Measured = measured.ToImmutable(),
            Baseline = baseline?.Run,
            ReceiptsDigest = run.ReceiptsDigest,
            Time = now,
        };
    }

    private static double? Share(double part, double whole) => whole > 0 ? part / whole : null;

    private static double? Shift(double? value, double? baseline) =>
        value is { } now && baseline is { } before && before != 0 ? Math.Abs(now - before) / Math.Abs(before) : null;

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
