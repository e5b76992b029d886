using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>Scratch memory of one thread that scores blocks; made once and reused.</summary>
internal sealed unsafe class Workspace
{
    private readonly PackedForest _forest;
    private MatrixBlock? _matrix;

    public Workspace(PackedForest forest)
    {
        _forest = forest;
        Rows = new AlignedBuffer<byte>(forest.RowCount * BitRows.Bytes);
        new Span<byte>(Rows.Pointer + (BitRows.Ones * BitRows.Bytes), BitRows.Bytes).Fill(byte.MaxValue);
        Pages = new AlignedBuffer<byte>(Math.Max(1, forest.Pages.Count) * BitRows.BlockRows);
        Sums = new AlignedBuffer<double>(forest.Ensemble.OutputCount * BitRows.BlockRows);
    }

    /// <summary>Bit rows: constants, conditions, planes.</summary>
    public AlignedBuffer<byte> Rows { get; }

    /// <summary>Category codes, a byte a row, page after page.</summary>
    public AlignedBuffer<byte> Pages { get; }

    /// <summary>Sum of each row, in the kernel's order, output after output.</summary>
    public AlignedBuffer<double> Sums { get; }

    /// <summary>One byte a row: ranks or membership bits.</summary>
    public AlignedBuffer<byte> Bytes { get; } = new(BitRows.BlockRows);

    /// <summary>Bit planes of <see cref="Bytes"/>.</summary>
    public AlignedBuffer<byte> Planes { get; } = new(8 * BitRows.Bytes);

    /// <summary>Prefix rows of a comparison.</summary>
    public AlignedBuffer<byte> Prefixes { get; } = new(256 * BitRows.Bytes);

    /// <summary>Values of one feature as floats.</summary>
    public AlignedBuffer<float> Floats { get; } = new(BitRows.BlockRows);

    /// <summary>Values of one feature as doubles.</summary>
    public AlignedBuffer<double> Doubles { get; } = new(BitRows.BlockRows);

    /// <summary>Category codes of one feature before they are split into pages.</summary>
    public AlignedBuffer<int> Codes { get; } = new(BitRows.BlockRows);

    /// <summary>Columns of a block that was given row by row; made when first needed.</summary>
    public MatrixBlock Matrix => _matrix ??= new MatrixBlock(_forest.Ensemble.UsedFeatures());

    /// <summary>Leaf labels of one tree with linear leaves, in the kernel's order.</summary>
    public AlignedBuffer<double> Labels { get; } = new(BitRows.BlockRows);
}
