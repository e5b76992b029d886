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

    public PackedForest(Ensemble ensemble, Kernel kernel)
    {
        Ensemble = ensemble;
        Numeric = new NumericConditions(ensemble.Trees);
        var pages = new Dictionary<int, (CategoryColumn Column, int FirstPage)>();
        foreach ((int feature, SortedSet<int> categories) in Categories(ensemble).OrderBy(entry => entry.Key))
        {
            pages[feature] = (new CategoryColumn(feature, [.. categories]), PageCount);
            PageCount += pages[feature].Column.PageCount;
        }

        CategoryColumns = [.. pages.Values.Select(entry => entry.Column)];
        List<(CategoryConditions Conditions, List<int> Trees)> batches = TreeBatches(ensemble, pages, Numeric.NextRow);
        int scratch = Numeric.NextRow + batches.Max(batch => batch.Conditions.RowCount);

        var compiler = new TreeCompiler();
        var lookUps = new List<MembershipOp>();
        var lookUpTables = new List<byte>();
        var leafTables = new List<byte>();
        var trees = new List<PackedTree>();
        var packed = new List<TreeBatch>();
        foreach ((CategoryConditions conditions, List<int> members) in batches)
        {
            int firstLookUp = lookUps.Count, firstTree = trees.Count;
            conditions.Lay(lookUps, lookUpTables);
            foreach (int index in members)
            {
                Tree tree = ensemble.Trees[index];
                foreach (TreeProgram program in Programs(compiler, tree, conditions, scratch))
                    trees.Add(Pack(tree, program, index % ensemble.OutputCount, kernel, leafTables));
            }

            packed.Add(new TreeBatch(firstLookUp, lookUps.Count, firstTree, trees.Count));
        }

        Batches = [.. packed];
        Trees = [.. trees];
        LookUps = [.. lookUps];
        Ops = AlignedBuffer<MuxOp>.Of([.. compiler.Ops]);
        LookUpTables = AlignedBuffer<byte>.Of([.. lookUpTables]);
        LeafTables = AlignedBuffer<byte>.Of([.. leafTables]);
        LeftVariants = AlignedBuffer<LeftVariant>.Of([.. Numeric.LeftVariants]);
        RowCount = scratch + compiler.ScratchRows;
        Code = kernel.EmitsCode ? EmittedSelections.TryEmit(Trees, Ops.Span, scratch * BitRows.Bytes) : null;
    }

    public Ensemble Ensemble { get; }

    public NumericConditions Numeric { get; }

    public CategoryColumn[] CategoryColumns { get; }

    /// <summary>Pages of category codes of all columns.</summary>
    public int PageCount { get; }

    public TreeBatch[] Batches { get; }

    public PackedTree[] Trees { get; }

    public MembershipOp[] LookUps { get; }

    public AlignedBuffer<MuxOp> Ops { get; }

    public AlignedBuffer<byte> LookUpTables { get; }

    public AlignedBuffer<byte> LeafTables { get; }

    public AlignedBuffer<LeftVariant> LeftVariants { get; }

    /// <summary>The selections as machine code, where the kernel and the system allow it.</summary>
    public EmittedSelections? Code { get; }

    /// <summary>Bit rows that a workspace needs.</summary>
    public int RowCount { get; }

    private IEnumerable<TreeProgram> Programs(TreeCompiler compiler, Tree tree, CategoryConditions conditions, int scratch)
    {
        if (tree.NodeCount == 0) return [new TreeProgram(0, 0, 1, [BitRows.Zeros], [0, 0])];
        var rows = new int[tree.NodeCount];
        for (int node = 0; node < rows.Length; node++)
            rows[node] = tree.Decisions[node].IsCategorical ? conditions.RowOf(tree, node) : Numeric.RowOf(tree, node);
        return compiler.Compile(tree, rows, scratch);
    }

    private static PackedTree Pack(Tree tree, TreeProgram program, int output, Kernel kernel, List<byte> leafTables)
    {
        var planes = new PlaneOffsets();
        for (int i = 0; i < program.Planes; i++) planes[i] = program.PlaneRows[i] * BitRows.Bytes;
        double[] values = [.. program.LeafOfLabel.Select(leaf => leaf < 0 ? 0 : tree.LeafValue[leaf])];
        var table = new byte[kernel.LeafTableBytes(program.Planes)];
        LinearLeaf?[]? linear = tree.LinearLeaves.IsEmpty ? null : [.. program.LeafOfLabel.Select(leaf => leaf < 0 ? null : tree.LinearLeaves[leaf])];
        kernel.PackLeaves(linear is null ? values : [.. Enumerable.Range(0, values.Length).Select(label => (double)label)], table);
        int offset = leafTables.Count;
        leafTables.AddRange(table);
        return new PackedTree(program.FirstOp, program.OpCount, program.Planes, planes, offset, output, linear, linear is null ? null : values);
    }

    private static List<(CategoryConditions Conditions, List<int> Trees)> TreeBatches(
        Ensemble ensemble, Dictionary<int, (CategoryColumn Column, int FirstPage)> pages, int firstRow)
    {
        var batches = new List<(CategoryConditions, List<int>)>();
        for (int index = 0; index < ensemble.Trees.Length;)
        {
            var conditions = new CategoryConditions(pages, firstRow);
            var members = new List<int>();
            while (index < ensemble.Trees.Length && conditions.RowCount < CategoryRowsPerBatch)
            {
                conditions.Add(ensemble.Trees[index]);
                members.Add(index++);
            }

            batches.Add((conditions, members));
        }

        return batches;
    }

    private static Dictionary<int, SortedSet<int>> Categories(Ensemble ensemble)
    {
        var categories = new Dictionary<int, SortedSet<int>>();
        foreach (Tree tree in ensemble.Trees)
        {
            for (int node = 0; node < tree.NodeCount; node++)
            {
                if (!tree.Decisions[node].IsCategorical) continue;
                int feature = tree.SplitFeature[node];
                if (!categories.TryGetValue(feature, out SortedSet<int>? known)) categories[feature] = known = [];
                known.UnionWith(new CategorySet(feature, tree, node).Categories());
            }
        }

        return categories;
    }
}
