using Juoku.Forest.Emitting;
using Juoku.Forest.Kernels;

namespace Juoku.Forest.Packing;

/// <summary>
/// An ensemble laid out for evaluation in blocks of rows (<see cref="BitRows"/>):
/// values → ranks and category codes → condition rows → leaf labels of each tree → sums in tree order.
/// Immutable; all threads share one.
/// </summary>
internal sealed class PackedForest
{
    // Categorical conditions are seldom shared between trees; a batch keeps theirs small enough to stay in the fast caches.
    private const int CategoryRowsPerBatch = 512;

    public PackedForest(Ensemble ensemble, NumericConditions numeric, Kernel kernel)
    {
        Ensemble = ensemble;
        Pages = new CategoryPages(ensemble);
        Numeric = numeric;
        LeftVariants = AlignedBuffer<LeftVariant>.Of([.. Numeric.LeftVariants]);

        // Conditions come first, so that each tree knows its rows; then no tree depends on another.
        int[][] rows = [.. ensemble.Trees.Select(tree => new int[tree.NodeCount])];
        List<(CategoryConditions Categories, TreeBatch Batch)> batches = LayCategories(rows, out int scratch);
        var compiled = new CompiledTree[ensemble.Trees.Length];
        Parallel.For(0, compiled.Length, () => new TreeCompiler(), (index, _, compiler) =>
        {
            Numeric.FillRows(ensemble.Trees[index], rows[index]);
            compiled[index] = compiler.Compile(ensemble.Trees[index], rows[index], scratch);
            return compiler;
        }, _ => { });

        Trees = Pack(compiled, kernel, out AlignedBuffer<byte> leafTables, out int[] firstParts);
        LeafTables = leafTables;
        (LookUps, LookUpTables, Batches) = PackBatches(batches, firstParts);
        RowCount = scratch + compiled.Max(tree => tree.ScratchRows);
        Code = kernel.EmitsCode ? EmittedSelections.TryEmit(Trees, compiled, scratch * BitRows.Bytes) : null;
        Ops = AlignedBuffer<MuxOp>.Of(Code is null ? [.. compiled.SelectMany(tree => tree.Ops)] : []);
    }

    public Ensemble Ensemble { get; }

    public NumericConditions Numeric { get; }

    public AlignedBuffer<LeftVariant> LeftVariants { get; }

    public CategoryPages Pages { get; }

    public TreeBatch[] Batches { get; }

    /// <summary>Trees, or parts of trees, in the order of summation.</summary>
    public PackedTree[] Trees { get; }

    public MembershipOp[] LookUps { get; }

    public AlignedBuffer<byte> LookUpTables { get; }

    public AlignedBuffer<byte> LeafTables { get; }

    /// <summary>The selections as machine code, where the kernel and the system allow it.</summary>
    public EmittedSelections? Code { get; }

    /// <summary>The selections, where they are not machine code.</summary>
    public AlignedBuffer<MuxOp> Ops { get; }

    /// <summary>Bit rows that a workspace needs.</summary>
    public int RowCount { get; }

    /// <summary>Divides the trees into batches and lays out each batch's categorical conditions.</summary>
    /// <param name="rows">Receives, by tree and node, the rows of categorical conditions.</param>
    /// <param name="scratch">First row after all conditions.</param>
    private List<(CategoryConditions Categories, TreeBatch Batch)> LayCategories(int[][] rows, out int scratch)
    {
        var batches = new List<(CategoryConditions, TreeBatch)>();
        scratch = Numeric.NextRow;
        for (int first = 0, end; first < rows.Length; first = end)
        {
            var categories = new CategoryConditions(Pages, Numeric.NextRow);
            for (end = first; end < rows.Length && categories.RowCount < CategoryRowsPerBatch; end++) categories.Add(Ensemble.Trees[end], rows[end]);
            batches.Add((categories, new TreeBatch(0, 0, first, end)));
            scratch = Math.Max(scratch, Numeric.NextRow + categories.RowCount);
        }

        return batches;
    }

    private static (MembershipOp[] LookUps, AlignedBuffer<byte> Tables, TreeBatch[] Batches) PackBatches(
        List<(CategoryConditions Categories, TreeBatch Batch)> batches, int[] firstParts)
    {
        var parts = new (MembershipOp[] LookUps, byte[] Tables)[batches.Count];
        Parallel.For(0, parts.Length, index => parts[index] = batches[index].Categories.LookUps());

        var lookUps = new List<MembershipOp>();
        var packed = new TreeBatch[parts.Length];
        var tables = new AlignedBuffer<byte>(parts.Sum(part => part.Tables.Length));
        int table = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            TreeBatch batch = batches[i].Batch;
            packed[i] = new TreeBatch(
                lookUps.Count, lookUps.Count + parts[i].LookUps.Length, firstParts[batch.FirstTree], firstParts[batch.EndTree]);
            foreach (MembershipOp op in parts[i].LookUps) lookUps.Add(op with { Table = table + op.Table });
            parts[i].Tables.CopyTo(tables.Span[table..]);
            table += parts[i].Tables.Length;
        }

        return ([.. lookUps], tables, packed);
    }

    /// <summary>Puts compiled trees one after another and lays out their leaves.</summary>
    /// <param name="compiled">The trees.</param>
    /// <param name="kernel">Whose layout the leaves get.</param>
    /// <param name="leafTables">Receives the leaves.</param>
    /// <param name="firstParts">Receives the index of each tree's first part, and the end.</param>
    private PackedTree[] Pack(CompiledTree[] compiled, Kernel kernel, out AlignedBuffer<byte> leafTables, out int[] firstParts)
    {
        leafTables = new AlignedBuffer<byte>(compiled.Sum(tree => tree.Parts.Sum(part => kernel.LeafTableBytes(part.Planes))));
        firstParts = new int[compiled.Length + 1];
        var packed = new List<PackedTree>();
        int firstOp = 0, table = 0;
        for (int index = 0; index < compiled.Length; index++)
        {
            firstParts[index] = packed.Count;
            foreach (TreeProgram part in compiled[index].Parts)
            {
                Span<byte> leaves = leafTables.Span.Slice(table, kernel.LeafTableBytes(part.Planes));
                packed.Add(Pack(Ensemble.Trees[index], part, index % Ensemble.OutputCount, kernel, leaves) with
                {
                    FirstOp = firstOp + part.FirstOp,
                    LeafTable = table,
                });
                table += leaves.Length;
            }

            firstOp += compiled[index].Ops.Length;
        }

        firstParts[compiled.Length] = packed.Count;
        return [.. packed];
    }

    private static PackedTree Pack(Tree tree, TreeProgram program, int output, Kernel kernel, Span<byte> leaves)
    {
        var planes = new PlaneOffsets();
        for (int i = 0; i < program.Planes; i++) planes[i] = program.PlaneRows[i] * BitRows.Bytes;
        int labels = program.LeafOfLabel.Length;
        var values = new double[labels];
        for (int label = 0; label < labels; label++)
            values[label] = program.LeafOfLabel[label] < 0 ? 0 : tree.LeafValue[program.LeafOfLabel[label]];

        if (tree.LinearLeaves.IsEmpty)
        {
            kernel.PackLeaves(values, leaves);
            return new PackedTree(program.FirstOp, program.OpCount, program.Planes, planes, 0, output, null, null);
        }

        // The table of a tree with linear leaves tells the label itself.
        kernel.PackLeaves([.. Enumerable.Range(0, labels).Select(label => (double)label)], leaves);
        LinearLeaf?[] linear = [.. program.LeafOfLabel.Select(leaf => leaf < 0 ? null : tree.LinearLeaves[leaf])];
        return new PackedTree(program.FirstOp, program.OpCount, program.Planes, planes, 0, output, linear, values);
    }
}
