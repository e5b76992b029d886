namespace Juoku.Forest;

/// <summary>How raw scores become predictions, after the objective the model was trained for.</summary>
/// <param name="Name">LightGBM's name of the objective, for messages.</param>
/// <param name="Transform">Function applied to the raw scores of a row.</param>
/// <param name="Sigmoid">Steepness of the sigmoid (LightGBM's <c>sigmoid</c> parameter).</param>
public sealed record Objective(string Name, OutputTransform Transform, double Sigmoid = 1)
{
    /// <summary>Predictions are the raw scores.</summary>
    public static Objective Identity { get; } = new("custom", OutputTransform.Identity);
}

/// <summary>Functions from raw scores to predictions.</summary>
public enum OutputTransform
{
    /// <summary>x</summary>
    Identity,

    /// <summary>1 / (1 + exp(−sigmoid · x))</summary>
    Sigmoid,

    /// <summary>exp(xᵢ) / Σ exp(xⱼ) over the outputs of the row</summary>
    Softmax,

    /// <summary>exp(x)</summary>
    Exp,

    /// <summary>ln(1 + exp(x))</summary>
    LogOnePlusExp,

    /// <summary>sign(x) · x²</summary>
    SignedSquare,
}
