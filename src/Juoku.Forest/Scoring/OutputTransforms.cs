using System.Numerics;

namespace Juoku.Forest.Scoring;

/// <summary>
/// Turns raw scores into predictions as the model's objective does: LightGBM's <c>ConvertOutput</c>, after the division of a random
/// forest's sums by its iterations. Everything but exp and log is the same operation in the same order, hence the same bits.
/// </summary>
internal static class OutputTransforms
{
    /// <summary>Transforms rows × outputs raw scores in place, the outputs of a row side by side.</summary>
    public static void Apply(Ensemble ensemble, Span<double> scores)
    {
        if (ensemble.AveragesOutput) Divide(scores, ensemble.IterationCount);
        switch (ensemble.Objective.Transform)
        {
            case OutputTransform.Identity:
                break;
            case OutputTransform.Sigmoid:
                Sigmoid(scores, ensemble.Objective.Sigmoid);
                break;
            case OutputTransform.Softmax:
                Softmax(scores, ensemble.OutputCount);
                break;
            case OutputTransform.Exp:
                Exponential.Apply(scores);
                break;
            case OutputTransform.LogOnePlusExp:
                Exponential.Apply(scores);
                foreach (ref double score in scores) score = LogOnePlus(score);
                break;
            case OutputTransform.SignedSquare:
                foreach (ref double score in scores) score = (score > 0 ? 1.0 : score < 0 ? -1.0 : 0.0) * score * score;
                break;
            default:
                throw new ArgumentException($"There is no output transform {ensemble.Objective.Transform}.", nameof(ensemble));
        }
    }

    private static void Divide(Span<double> scores, double divisor)
    {
        foreach (ref double score in scores) score /= divisor;
    }

    private static void Sigmoid(Span<double> scores, double steepness)
    {
        var factor = new Vector<double>(-steepness);
        int i = 0;
        for (; i <= scores.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Span<double> lanes = scores.Slice(i, Vector<double>.Count);
            (Vector<double>.One / (Vector<double>.One + Exponential.Of(factor * new Vector<double>(lanes)))).CopyTo(lanes);
        }

        for (; i < scores.Length; i++)
            scores[i] = 1 / (1 + Exponential.Of(new Vector<double>(-steepness * scores[i]))[0]);
    }

    private static void Softmax(Span<double> scores, int outputs)
    {
        for (int row = 0; row < scores.Length; row += outputs)
        {
            Span<double> classes = scores.Slice(row, outputs);
            double greatest = classes[0];
            // As std::max decides when one of them is NaN.
            foreach (double score in classes[1..])
                greatest = score < greatest ? greatest : score;
            foreach (ref double score in classes) score -= greatest;
        }

        Exponential.Apply(scores);
        for (int row = 0; row < scores.Length; row += outputs)
        {
            Span<double> classes = scores.Slice(row, outputs);
            double sum = 0;
            foreach (double score in classes) sum += score;
            foreach (ref double score in classes) score /= sum;
        }
    }

    /// <summary>ln(1 + x) for x ≥ 0: the logarithm of the rounded sum, plus what the rounding lost over that sum.</summary>
    private static double LogOnePlus(double x)
    {
        double sum = 1 + x;
        return double.IsInfinity(sum) ? sum : Math.Log(sum) + ((x - (sum - 1)) / sum);
    }
}
