using Juoku.Forest.Packing;

namespace Juoku.Forest.Kernels;

/// <summary>
/// The five steps of evaluating a block of <see cref="BitRows.BlockRows"/> rows, for one instruction set. A kernel neither allocates nor
/// validates; it works on memory that its caller has laid out (<see cref="PackedForest"/>, <see cref="Scoring.Workspace"/>).
/// All kernels give the same bits as <see cref="ScalarKernel"/>.
/// </summary>
internal abstract unsafe class Kernel
{
    /// <summary>Name, as <c>JUOKU_KERNEL</c> selects it.</summary>
    public abstract string Name { get; }

    /// <summary>Selections are emitted as machine code instead of run by <see cref="Select"/>.</summary>
    public virtual bool EmitsCode => false;

    /// <summary>Where the sum of row <c>i</c> lies among the sums of a block: kernels keep sums in the order that suits their shuffles.</summary>
    public virtual ReadOnlySpan<ushort> SumOfRow => NaturalOrder;

    protected static ushort[] NaturalOrder { get; } = [.. Enumerable.Range(0, BitRows.BlockRows).Select(row => (ushort)row)];

    /// <summary>Rank of each float among the column's thresholds; values that are NaN or no larger than <paramref name="missingMagnitude"/> are missing.</summary>
    public abstract void RankFloats(float* values, RankColumn column, float missingMagnitude, byte* ranks);

    /// <summary>Converts doubles to floats, rounding down; NaN stays, values no larger than <paramref name="missingMagnitude"/> become NaN.</summary>
    /// <returns>Whether every float equals its double.</returns>
    public abstract bool RoundDown(double* values, float missingMagnitude, float* floats);

    /// <summary>Turns a byte a row into bit rows: plane <c>p</c> gets bit <c>p</c> of every byte.</summary>
    public abstract void Transpose(byte* bytes, byte* planes);

    /// <summary>From the planes of ranks, the rows <c>rank &gt; 0 … rank &gt; count − 1</c>.</summary>
    /// <param name="planes">Bit planes of the ranks.</param>
    /// <param name="bits">Number of planes in use.</param>
    /// <param name="count">Number of conditions.</param>
    /// <param name="rows">Receives the conditions.</param>
    /// <param name="scratch">256 bit rows.</param>
    public abstract void Compare(byte* planes, int bits, int count, byte* rows, byte* scratch);

    /// <summary>Applies each variant: <c>target = source &amp; ~missing</c>.</summary>
    public abstract void MissingLeft(byte* rows, LeftVariant* variants, int count);

    /// <summary><c>target[i] = table[codes[i]]</c>, one byte a row; ORed to what is there if asked.</summary>
    public abstract void LookUp(byte* codes, byte* table, bool adds, byte* target);

    /// <summary>Runs selections in order.</summary>
    public abstract void Select(byte* rows, MuxOp* ops, int count);

    /// <summary>Adds to each row's sum the value of the leaf whose label the planes spell.</summary>
    public abstract void AddLeaves(byte* rows, in PlaneOffsets planeRows, int planes, byte* table, double* sums);

    /// <summary>Whether there are <see cref="RankRow"/> and <see cref="FindLeaves"/>; without them single rows are walked.</summary>
    public virtual bool FindsLeaves => false;

    /// <summary>Ranks the values of one row.</summary>
    /// <param name="row">Values by feature index.</param>
    /// <param name="slots">What to rank.</param>
    /// <param name="count">Number of slots.</param>
    /// <param name="searches">Thresholds of all columns (<see cref="MaskForest.Searches"/>).</param>
    /// <param name="ranks">Receives a rank a slot.</param>
    public virtual void RankRow(double* row, MaskSlot* slots, int count, double* searches, byte* ranks) => throw new NotSupportedException();

    /// <summary>For one row, the leaf it reaches in each tree of a <see cref="MaskForest"/>.</summary>
    /// <param name="ranks">Rank of the row's value for each of 128 slots.</param>
    /// <param name="trees">The trees.</param>
    /// <param name="count">Number of trees, a multiple of <see cref="MaskForest.Group"/>.</param>
    /// <param name="leaves">Receives a leaf a tree.</param>
    public virtual void FindLeaves(byte* ranks, byte* trees, int count, long* leaves) => throw new NotSupportedException();

    /// <summary>Bytes of a leaf table for labels of so many bits, a multiple of 64.</summary>
    public abstract int LeafTableBytes(int planes);

    /// <summary>Lays out leaf values, by label, as <see cref="AddLeaves"/> reads them.</summary>
    public abstract void PackLeaves(ReadOnlySpan<double> values, Span<byte> table);
}
