namespace Juoku.Forest.Scoring;

/// <summary>Turns raw scores into predictions.</summary>
internal static class OutputTransforms
{
    public static void Apply(Ensemble ensemble, Span<double> scores)
    {
        foreach (ref double score in scores) score = 1 / (1 + Math.Exp(-ensemble.Objective.Sigmoid * score));
    }
}
