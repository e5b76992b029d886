using System.Collections.Immutable;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Evaluation;

/// <summary>Everything an evaluation found; what the screen shows and the report draws.</summary>
public sealed record EvaluationResult
{
    /// <summary>What the model is called.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of its text.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>Number of its trees.</summary>
    public required int TreeCount { get; init; }

    /// <summary>Where it comes from; null when that is not known.</summary>
    public ModelManifest? Manifest { get; init; }

    /// <summary>What is done after the model, in words, such as <c>isotonic</c>; null for nothing.</summary>
    public string? Calibration { get; init; }

    /// <summary>Feature set that was scored.</summary>
    public required string Set { get; init; }

    /// <summary>First day.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day.</summary>
    public required DateOnly To { get; init; }

    /// <summary>How good the probabilities are.</summary>
    public required ProbabilityMetrics Metrics { get; init; }

    /// <summary>Each day by itself.</summary>
    public required ImmutableArray<DayMetrics> Days { get; init; }

    /// <summary>Beside the truth; null where it is not known.</summary>
    public TruthComparison? Truth { get; init; }

    /// <summary>Bins from low predictions to high.</summary>
    public required ImmutableArray<ReliabilityBin> Reliability { get; init; }

    /// <summary>Ten bins from low predictions to high.</summary>
    public required ImmutableArray<ReliabilityBin> Deciles { get; init; }

    /// <summary>ROC, precision and recall, gain.</summary>
    public required Curves Curves { get; init; }

    /// <summary>How the predictions are distributed.</summary>
    public required ScoreHistogram Histogram { get; init; }

    /// <summary>Calibration by the set's breakdown columns.</summary>
    public required ImmutableArray<Breakdown> Breakdowns { get; init; }

    /// <summary>How far features have moved since training, the farthest first; empty where training left no profile.</summary>
    public required ImmutableArray<FeatureDrift> Drift { get; init; }

    /// <summary>Importance of the features.</summary>
    public required ImmutableArray<FeatureImportance> Importance { get; init; }
}

/// <summary>A day's metrics.</summary>
/// <param name="Day">The day.</param>
/// <param name="Metrics">The metrics.</param>
public sealed record DayMetrics(DateOnly Day, ProbabilityMetrics Metrics);

/// <summary>A model beside the probabilities that clicks were drawn from, on the rows that have one.</summary>
/// <param name="Rows">Those rows.</param>
/// <param name="Auc">AUC of the truth: the best possible.</param>
/// <param name="LogLoss">Log loss of the truth: the best possible.</param>
/// <param name="ModelAuc">AUC of the model.</param>
/// <param name="ModelLogLoss">Log loss of the model.</param>
/// <param name="Calibration">Mean prediction over mean true probability.</param>
public sealed record TruthComparison(long Rows, double? Auc, double LogLoss, double? ModelAuc, double ModelLogLoss, double Calibration)
{
    /// <summary>Compares; null when no row has a truth.</summary>
    public static TruthComparison? Of(ScoredRows rows)
    {
        if (rows.Truth is null) return null;
        int[] known = [.. Enumerable.Range(0, rows.Count).Where(row => !double.IsNaN(rows.Truth[row]))];
        if (known.Length == 0) return null;
        double[] truth = [.. known.Select(row => rows.Truth[row])], model = [.. known.Select(row => rows.Probabilities[row])];
        float[] labels = [.. known.Select(row => rows.Labels[row])], weights = [.. known.Select(row => rows.Weights[row])];
        return new TruthComparison(
            known.Length,
            Ranking.Of(truth, labels, weights).Auc(), ProbabilityMetrics.LogLossOf(truth, labels, weights),
            Ranking.Of(model, labels, weights).Auc(), ProbabilityMetrics.LogLossOf(model, labels, weights),
            model.Zip(weights).Sum(pair => pair.First * pair.Second) / truth.Zip(weights).Sum(pair => pair.First * pair.Second));
    }
}
