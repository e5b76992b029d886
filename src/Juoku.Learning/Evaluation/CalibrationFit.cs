using Juoku.Batch.Predicting;

namespace Juoku.Learning.Evaluation;

/// <summary>
/// Fits recalibrations: Platt's scaling by Newton's method on two parameters, and isotonic regression by pooling adjacent violators over bins.
/// Both become a <see cref="CalibrationCurve"/> from (0, 0) to (1, 1).
/// </summary>
public static class CalibrationFit
{
    private const int NewtonSteps = 50;

    // A bin of the isotonic regression holds at least so many clicks, or its rate is mostly noise.
    private const double ClicksPerBin = 50;
    private const int MostBins = 200;

    /// <summary>
    /// Platt's scaling (1999): 1 / (1 + exp(−(slope · ln(p / (1 − p)) + intercept))), by weighted maximum likelihood; null when the data
    /// do not determine it or it would turn predictions around.
    /// </summary>
    public static CalibrationCurve? Platt(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double slope = 1, intercept = 0;
        for (int iteration = 0; iteration < NewtonSteps; iteration++)
        {
            double gradientSlope = 0, gradientIntercept = 0, hessianSlope = 0, hessianBoth = 0, hessianIntercept = 0;
            for (int i = 0; i < probabilities.Length; i++)
            {
                double odds = LogOdds(probabilities[i]);
                double q = Sigmoid(slope * odds + intercept);
                double error = weights[i] * (q - labels[i]), curvature = weights[i] * q * (1 - q);
                gradientSlope += error * odds;
                gradientIntercept += error;
                hessianSlope += curvature * odds * odds;
                hessianBoth += curvature * odds;
                hessianIntercept += curvature;
            }

            double determinant = hessianSlope * hessianIntercept - hessianBoth * hessianBoth;
            if (!(determinant > 1e-12 * hessianSlope * hessianIntercept)) return null;
            double stepSlope = (hessianIntercept * gradientSlope - hessianBoth * gradientIntercept) / determinant;
            double stepIntercept = (hessianSlope * gradientIntercept - hessianBoth * gradientSlope) / determinant;
            slope -= Math.Clamp(stepSlope, -0.5, 0.5);
            intercept -= Math.Clamp(stepIntercept, -1, 1);
            if (Math.Abs(stepSlope) + Math.Abs(stepIntercept) < 1e-10) break;
        }

        return slope > 0 ? PlattCurve(slope, intercept) : null;
    }

    /// <summary>Isotonic regression (pool adjacent violators), linear between the middles of its steps; null when there are too few clicks.</summary>
    public static CalibrationCurve? Isotonic(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        Ranking ranking = Ranking.Of(probabilities, labels, weights);
        int count = (int)Math.Min(MostBins, ranking.Clicks / ClicksPerBin);
        if (count < 2) return null;
        var pools = new List<Pool>();
        foreach (Pool bin in BinsOfEqualClicks(ranking, count))
        {
            pools.Add(bin);
            while (pools.Count > 1 && pools[^2].Rate >= pools[^1].Rate)
            {
                pools[^2] = pools[^2].With(pools[^1]);
                pools.RemoveAt(pools.Count - 1);
            }
        }

        List<double> from = [0], to = [0];
        foreach (Pool pool in pools.Where(pool => pool.Middle > 0 && pool.Middle < 1))
        {
            if (pool.Middle <= from[^1]) continue;
            from.Add(pool.Middle);
            to.Add(pool.Rate);
        }

        from.Add(1);
        to.Add(1);
        return new CalibrationCurve("isotonic", [.. from], [.. to]);
    }

    /// <summary>Bins from low predictions to high, each with about as many clicks.</summary>
    private static IEnumerable<Pool> BinsOfEqualClicks(Ranking ranking, int count)
    {
        var bins = new List<Pool>();
        var bin = new Pool(0, 0, 0);
        for (int step = ranking.StepCount - 1; step >= 0; step--)
        {
            double clicks = ranking.ClicksTo(step) - ranking.ClicksTo(step - 1);
            double weight = clicks + ranking.OthersTo(step) - ranking.OthersTo(step - 1);
            bin = bin.With(new Pool(weight, weight * ranking.Score(step), clicks));
            if (ranking.Clicks - ranking.ClicksTo(step - 1) < ranking.Clicks * (bins.Count + 1) / count && step > 0) continue;
            bins.Add(bin);
            bin = new Pool(0, 0, 0);
        }

        return bins;
    }

    /// <summary>Points even in the log-odds, where a straight line between two of them is off by less than a thousandth.</summary>
    private static CalibrationCurve PlattCurve(double slope, double intercept)
    {
        List<double> from = [0], to = [0];
        for (double odds = -16; odds <= 16; odds += 0.125)
        {
            from.Add(Sigmoid(odds));
            to.Add(Sigmoid(slope * odds + intercept));
        }

        from.Add(1);
        to.Add(1);
        return new CalibrationCurve("platt", [.. from], [.. to]);
    }

    private static double LogOdds(double p)
    {
        p = Math.Clamp(p, 1e-12, 1 - 1e-12);
        return Math.Log(p / (1 - p));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private readonly record struct Pool(double Weight, double Predicted, double Clicks)
    {
        public double Rate => Clicks / Weight;

        public double Middle => Predicted / Weight;

        public Pool With(Pool other) => new(Weight + other.Weight, Predicted + other.Predicted, Clicks + other.Clicks);
    }
}
