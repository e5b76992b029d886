using System.Collections.Immutable;

namespace Juoku.Learning.Evaluation;

/// <summary>How good click probabilities are. Every sum weighs rows by their weights.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Clicks">Weight of the clicks.</param>
/// <param name="Auc">Area under the ROC curve; null when there are only clicks or none.</param>
/// <param name="AveragePrecision">Area under the precision-recall curve, by steps; null without clicks.</param>
/// <param name="LogLoss">−mean(y ln p + (1 − y) ln(1 − p)).</param>
/// <param name="NormalizedEntropy">Log loss over that of the observed rate (He et al., 2014); null when there are only clicks or none.</param>
/// <param name="Calibration">Mean prediction over observed rate; null without clicks.</param>
/// <param name="Ece">Expected calibration error: Σ (n_b / N) |mean p_b − rate_b| over bins of equal weight.</param>
/// <param name="MeanPrediction">Mean prediction.</param>
/// <param name="ObservedRate">Clicks over rows.</param>
public sealed record ProbabilityMetrics(
    long Rows, double Clicks, double? Auc, double? AveragePrecision, double LogLoss, double? NormalizedEntropy, double? Calibration, double Ece,
    double MeanPrediction, double ObservedRate)
{
    /// <summary>Bins of <see cref="Ece"/> and of the reliability diagram.</summary>
    public const int Bins = 20;

    // LightGBM's own clip in its log-loss metric.
    private const double Epsilon = 1e-15;

    /// <summary>Measures.</summary>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    public static ProbabilityMetrics Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        Of(probabilities, labels, weights, Ranking.Of(probabilities, labels, weights));

    /// <summary>Measures rows that are ranked already.</summary>
    public static ProbabilityMetrics Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Ranking ranking)
    {
        if (probabilities.IsEmpty) throw new ArgumentException("There are no rows to measure.", nameof(probabilities));
        double total = 0, predicted = 0, clicks = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            total += weights[i];
            predicted += weights[i] * probabilities[i];
            clicks += (double)weights[i] * labels[i];
        }

        double rate = clicks / total;
        double loss = LogLossOf(probabilities, labels, weights);
        double entropy = -(rate * Math.Log(rate) + (1 - rate) * Math.Log(1 - rate));
        ImmutableArray<ReliabilityBin> bins = ReliabilityBin.Cut(ranking, Bins);
        return new ProbabilityMetrics(
            probabilities.Length, clicks, ranking.Auc(), ranking.AveragePrecision(), loss, entropy > 0 ? loss / entropy : null, clicks > 0 ? predicted / clicks : null,
            bins.Sum(bin => bin.Weight / total * Math.Abs(bin.MeanPrediction - bin.Rate)), predicted / total, rate);
    }

    /// <summary>−mean(y ln p + (1 − y) ln(1 − p)).</summary>
    public static double LogLossOf(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double loss = 0, total = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            double p = Math.Clamp(probabilities[i], Epsilon, 1 - Epsilon);
            double y = labels[i];
            loss -= weights[i] * ((y == 0 ? 0 : y * Math.Log(p)) + (y == 1 ? 0 : (1 - y) * Math.Log(1 - p)));
            total += weights[i];
        }

        return loss / total;
    }

    /// <summary>The metrics by the names that a model's manifest has them under; what is not defined is left out.</summary>
    public ImmutableSortedDictionary<string, double> Named()
    {
        var named = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        void Add(string name, double? value)
        {
            if (value is { } number) named[name] = number;
        }

        Add("rows", Rows);
        Add("auc", Auc);
        Add("average_precision", AveragePrecision);
        Add("log_loss", LogLoss);
        Add("normalized_entropy", NormalizedEntropy);
        Add("calibration", Calibration);
        Add("ece", Ece);
        Add("mean_prediction", MeanPrediction);
        Add("observed_rate", ObservedRate);
        return named.ToImmutable();
    }
}
