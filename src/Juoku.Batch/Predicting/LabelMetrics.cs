using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>How good predictions are, measured against labels.</summary>
/// <param name="LabelledRows">Rows that have a label; rows without one are predicted but not measured.</param>
/// <param name="Auc">Area under the ROC curve, a label above 0 being positive; null with several outputs or only one kind of label.</param>
/// <param name="AucError">The most that <paramref name="Auc"/> can be off; 0 when it is exact.</param>
/// <param name="LogLoss">−mean(y ln p + (1−y) ln(1−p)); null when scores are no probabilities or labels not within 0 … 1.</param>
/// <param name="NormalizedEntropy">Log loss over that of always predicting the observed rate (He et al., 2014).</param>
/// <param name="Calibration">Mean prediction over observed rate.</param>
/// <param name="MeanPrediction">Mean prediction.</param>
/// <param name="ObservedRate">Mean label.</param>
public sealed record LabelScores(
    long LabelledRows, double? Auc, double AucError, double? LogLoss, double? NormalizedEntropy, double? Calibration, double? MeanPrediction, double? ObservedRate);

/// <summary>Measures predictions against labels row by row, in the order of the rows, so that the sums do not depend on the threads.</summary>
internal sealed class LabelMetrics(Objective objective, ScoreKind kind, int outputs)
{
    // LightGBM's own clip of probabilities in its log-loss metric.
    private const double Epsilon = 1e-15;

    private readonly AucCounter _auc = new();
    private long _rows;
    private double _loss;
    private double _predictions;
    private double _labels;
    private bool _labelsAreProbabilities = true;

    public void Add(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            double label = labels[i];
            if (double.IsNaN(label)) continue;
            _rows++;
            if (outputs > 1)
            {
                AddClass(scores.Slice(i * outputs, outputs), label);
                continue;
            }

            double score = scores[i];
            _auc.Add(score, label > 0);
            double prediction = Prediction(score);
            _predictions += prediction;
            _labels += label;
            if (label is < 0 or > 1) _labelsAreProbabilities = false;
            if (objective.Transform != OutputTransform.Sigmoid) continue;
            double p = Math.Clamp(prediction, Epsilon, 1 - Epsilon);
            if (label != 0) _loss -= label * Math.Log(p);
            if (label != 1) _loss -= (1 - label) * Math.Log(1 - p);
        }
    }

    public LabelScores Result()
    {
        if (_rows == 0) return new LabelScores(0, null, 0, null, null, null, null, null);
        if (outputs > 1) return new LabelScores(_rows, null, 0, kind == ScoreKind.Prediction && _labelsAreProbabilities ? _loss / _rows : null, null, null, null, null);

        (double Auc, double Error)? auc = _auc.Result();
        double rate = _labels / _rows;
        double mean = _predictions / _rows;
        double? loss = objective.Transform == OutputTransform.Sigmoid && _labelsAreProbabilities ? _loss / _rows : null;
        double entropy = -(rate * Math.Log(rate) + (1 - rate) * Math.Log(1 - rate));
        bool comparable = kind == ScoreKind.Prediction || objective.Transform is OutputTransform.Sigmoid or OutputTransform.Identity;
        return new LabelScores(_rows, auc?.Auc, auc?.Error ?? 0, loss, entropy > 0 ? loss / entropy : null,
            comparable && rate != 0 ? mean / rate : null, comparable ? mean : null, rate);
    }

    private double Prediction(double score) => kind == ScoreKind.Raw && objective.Transform == OutputTransform.Sigmoid
        ? 1 / (1 + Math.Exp(-objective.Sigmoid * score))
        : score;

    private void AddClass(ReadOnlySpan<double> scores, double label)
    {
        if (label < 0 || label >= scores.Length || label != Math.Floor(label))
        {
            _labelsAreProbabilities = false;
            return;
        }

        _loss -= Math.Log(Math.Max(scores[(int)label], Epsilon));
    }
}
