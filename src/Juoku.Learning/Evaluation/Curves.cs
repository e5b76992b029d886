using System.Collections.Immutable;

namespace Juoku.Learning.Evaluation;

/// <summary>A point of a curve.</summary>
public readonly record struct CurvePoint(double X, double Y);

/// <summary>The curves of a ranking, in at most some hundred points each.</summary>
/// <param name="Roc">False-positive rate → true-positive rate.</param>
/// <param name="PrecisionRecall">Recall → precision.</param>
/// <param name="Gain">Share of the rows, best first → share of the clicks.</param>
public sealed record Curves(ImmutableArray<CurvePoint> Roc, ImmutableArray<CurvePoint> PrecisionRecall, ImmutableArray<CurvePoint> Gain)
{
    private const int Points = 240;

    // The first rows of a precision curve jump between 0 and 1: what rests on less than this share of the clicks is not drawn.
    private const double LeastRecall = 0.002;

    /// <summary>Reads the curves off a ranking.</summary>
    public static Curves Of(Ranking ranking)
    {
        double clicks = ranking.Clicks, others = ranking.Others, all = clicks + others;
        if (!(clicks > 0 && others > 0)) return new Curves([], [], []);
        ImmutableArray<CurvePoint>.Builder roc = ImmutableArray.CreateBuilder<CurvePoint>(), pr = ImmutableArray.CreateBuilder<CurvePoint>(), gain = ImmutableArray.CreateBuilder<CurvePoint>();
        roc.Add(default);
        gain.Add(default);
        (double X, double Y) last = default;
        for (int step = 0; step < ranking.StepCount; step++)
        {
            double tp = ranking.ClicksTo(step), fp = ranking.OthersTo(step);

            // A point whenever the curve has gone on by a step in either direction, so that steep parts keep their shape.
            if (step < ranking.StepCount - 1 && tp / clicks - last.Y + fp / others - last.X < 2.0 / Points) continue;
            last = (fp / others, tp / clicks);
            roc.Add(new CurvePoint(fp / others, tp / clicks));
            gain.Add(new CurvePoint((tp + fp) / all, tp / clicks));
            if (tp / clicks >= LeastRecall) pr.Add(new CurvePoint(tp / clicks, tp / (tp + fp)));
        }

        return new Curves(roc.ToImmutable(), pr.ToImmutable(), gain.ToImmutable());
    }
}
