namespace Juoku.Learning.Evaluation;

/// <summary>
/// Rows in descending order of their scores, those of equal score in one step: what every curve and every measure of ranking is read off.
/// A label between 0 and 1 counts in part as a click and in part as none.
/// </summary>
public sealed class Ranking
{
    private readonly double[] _scores;
    private readonly double[] _clicks;
    private readonly double[] _others;
    private readonly double[] _squares;

    private Ranking(double[] scores, double[] clicks, double[] others, double[] squares) => (_scores, _clicks, _others, _squares) = (scores, clicks, others, squares);

    /// <summary>Number of distinct scores.</summary>
    public int StepCount => _scores.Length;

    /// <summary>Weight of all clicks.</summary>
    public double Clicks => _clicks.Length == 0 ? 0 : _clicks[^1];

    /// <summary>Weight of all rows without click.</summary>
    public double Others => _others.Length == 0 ? 0 : _others[^1];

    /// <summary>Score of a step, the highest first.</summary>
    public double Score(int step) => _scores[step];

    /// <summary>Weight of the clicks down to and with a step; 0 for step −1.</summary>
    public double ClicksTo(int step) => step < 0 ? 0 : _clicks[step];

    /// <summary>Weight of the rows without click down to and with a step; 0 for step −1.</summary>
    public double OthersTo(int step) => step < 0 ? 0 : _others[step];

    /// <summary>Squared weights of the rows down to and with a step; 0 for step −1.</summary>
    public double SquaresTo(int step) => step < 0 ? 0 : _squares[step];

    /// <summary>Ranks rows.</summary>
    public static Ranking Of(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var keys = scores.ToArray();
        var order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(keys, order);
        int steps = 0;
        for (int i = keys.Length - 1; i >= 0; i--)
            if (i == keys.Length - 1 || keys[i] != keys[i + 1]) steps++;

        double[] values = new double[steps], clicks = new double[steps], others = new double[steps], squares = new double[steps];
        double click = 0, other = 0, square = 0;
        int step = -1;
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            if (i == keys.Length - 1 || keys[i] != keys[i + 1]) values[++step] = keys[i];
            int row = order[i];
            click += (double)weights[row] * labels[row];
            other += weights[row] * (1.0 - labels[row]);
            square += (double)weights[row] * weights[row];
            (clicks[step], others[step], squares[step]) = (click, other, square);
        }

        return new Ranking(values, clicks, others, squares);
    }

    /// <summary>Area under the ROC curve, a tie counting half; null when there are only clicks or none.</summary>
    public double? Auc()
    {
        if (!(Clicks > 0 && Others > 0)) return null;
        double area = 0;
        for (int step = 0; step < StepCount; step++)
            area += (OthersTo(step) - OthersTo(step - 1)) * (ClicksTo(step - 1) + ClicksTo(step)) / 2;
        return area / (Clicks * Others);
    }

    /// <summary>Average precision: precision at each step, weighted by the recall it adds; null without clicks.</summary>
    public double? AveragePrecision()
    {
        if (!(Clicks > 0)) return null;
        double sum = 0;
        for (int step = 0; step < StepCount; step++)
            sum += (ClicksTo(step) - ClicksTo(step - 1)) * ClicksTo(step) / (ClicksTo(step) + OthersTo(step));
        return sum / Clicks;
    }
}
