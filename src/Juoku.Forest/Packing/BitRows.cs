namespace Juoku.Forest.Packing;

/// <summary>
/// A block is <see cref="BlockRows"/> rows; a bit row holds one bit of each, 64 bytes, bit <c>i % 8</c> of byte <c>i / 8</c> for row <c>i</c>.
/// Bit rows lie one after another in a workspace: constants, conditions, then the planes that trees are evaluated with.
/// </summary>
internal static class BitRows
{
    public const int BlockRows = 512;

    public const int Bytes = BlockRows / 8;

    /// <summary>Row of zeros.</summary>
    public const int Zeros = 0;

    /// <summary>Row of ones.</summary>
    public const int Ones = 1;

    /// <summary>First row that is not a constant.</summary>
    public const int FirstFree = 2;
}
