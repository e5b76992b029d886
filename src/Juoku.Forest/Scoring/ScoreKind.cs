namespace Juoku.Forest;

/// <summary>What to compute for a row.</summary>
public enum ScoreKind
{
    /// <summary>The model's prediction: a probability for binary and multiclass models (LightGBM's default output).</summary>
    Prediction,

    /// <summary>The sum of the leaf values, before the objective's transformation (LightGBM's <c>raw_score</c>).</summary>
    Raw,
}
