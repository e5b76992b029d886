namespace Juoku.Forest;

/// <summary>What a numeric split treats as missing.</summary>
public enum MissingKind : byte
{
    /// <summary>Nothing: NaN counts as zero.</summary>
    None = 0,

    /// <summary>Zero (|x| ≤ 1e-35) and NaN take the default direction.</summary>
    Zero = 1,

    /// <summary>NaN takes the default direction.</summary>
    NaN = 2,
}

/// <summary>How one inner node decides, in the bits of LightGBM's <c>decision_type</c>: 0 categorical, 1 default left, 2–3 missing kind.</summary>
/// <param name="Bits">The byte as the model file has it.</param>
public readonly record struct Decision(byte Bits)
{
    /// <summary>The node tests membership in a set of categories.</summary>
    public bool IsCategorical => (Bits & 1) != 0;

    /// <summary>Missing values go left.</summary>
    public bool DefaultLeft => (Bits & 2) != 0;

    /// <summary>What counts as missing.</summary>
    public MissingKind Missing => (MissingKind)((Bits >> 2) & 3);
}
