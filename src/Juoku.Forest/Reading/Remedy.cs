namespace Juoku.Forest.Reading;

/// <summary>What to do about a model that is refused: the end of an error's sentence.</summary>
internal static class Remedy
{
    /// <summary>For a text that contradicts itself.</summary>
    public const string Edited = "the model was cut or edited; save it again with LightGBM";

    /// <summary>For a text that ends too early.</summary>
    public const string Cut = "the model was cut; copy it again or save it again with LightGBM";

    /// <summary>For a text that says more than this version understands.</summary>
    public const string Unknown = "its meaning for scores is not known; save the model with LightGBM 2.1 to 4";
}
