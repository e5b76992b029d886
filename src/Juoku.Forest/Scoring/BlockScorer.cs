using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Juoku.Forest.Kernels;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>Raw scores of blocks of rows: reads the columns, evaluates the conditions, then tree after tree.</summary>
internal sealed unsafe class BlockScorer(PackedForest forest, Kernel kernel)
{
    private readonly Ensemble _ensemble = forest.Ensemble;
    private readonly ConcurrentBag<Workspace> _workspaces = [];

    /// <summary>Scores rows [first, first + count), at most a block, of the columns.</summary>
    /// <param name="columns">One column a feature.</param>
    /// <param name="first">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="raw">Receives count × outputs raw scores.</param>
    public void Score(ReadOnlySpan<Column> columns, int first, int count, Span<double> raw)
    {
        Workspace workspace = Rent();
        Score(columns, first, count, workspace, raw);
        _workspaces.Add(workspace);
    }

    /// <summary>Scores at most a block of rows that lie one after another.</summary>
    /// <param name="rows">Values, row after row.</param>
    /// <param name="raw">Receives rows × outputs raw scores.</param>
    public void ScoreMatrix(ReadOnlySpan<double> rows, Span<double> raw)
    {
        Workspace workspace = Rent();
        workspace.Matrix.Fill(rows);
        Score(workspace.Matrix.Columns, 0, raw.Length / _ensemble.OutputCount, workspace, raw);
        _workspaces.Add(workspace);
    }

    private Workspace Rent() => _workspaces.TryTake(out Workspace? workspace) ? workspace : new Workspace(forest);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score(ReadOnlySpan<Column> columns, int first, int count, Workspace workspace, Span<double> raw)
    {
        EvaluateNumericConditions(columns, first, count, workspace);
        EncodeCategories(columns, first, count, workspace);
        workspace.Sums.Span.Clear();
        foreach (TreeBatch batch in forest.Batches)
        {
            for (int i = batch.FirstLookUp; i < batch.EndLookUp; i++) EvaluateMembership(forest.LookUps[i], workspace);
            for (int i = batch.FirstTree; i < batch.EndTree; i++) AddTree(i, columns, first, count, workspace);
        }

        ReadOnlySpan<ushort> sumOfRow = kernel.SumOfRow;
        int outputs = _ensemble.OutputCount;
        for (int output = 0; output < outputs; output++)
        {
            double* sums = workspace.Sums.Pointer + (output * BitRows.BlockRows);
            for (int row = 0; row < count; row++) raw[(row * outputs) + output] = sums[sumOfRow[row]];
        }

        // The loops above hold pointers, not references, into the memory of these.
        GC.KeepAlive(workspace);
        GC.KeepAlive(this);
    }

    private void EvaluateNumericConditions(ReadOnlySpan<Column> columns, int first, int count, Workspace workspace)
    {
        NumericConditions conditions = forest.Numeric;
        byte* rows = workspace.Rows.Pointer;
        for (int i = 0; i < conditions.Columns.Count; i++)
        {
            RankColumn column = conditions.Columns[i];
            Rank(column, columns[column.Feature], first, count, workspace);
            kernel.Transpose(workspace.Bytes.Pointer, workspace.Planes.Pointer);
            kernel.Compare(
                workspace.Planes.Pointer, column.Bits, column.ConditionCount,
                rows + (conditions.FirstRows[i] * BitRows.Bytes), workspace.Prefixes.Pointer);
        }

        kernel.MissingLeft(rows, forest.LeftVariants.Pointer, forest.LeftVariants.Length);
    }

    private void Rank(RankColumn column, in Column values, int first, int count, Workspace workspace)
    {
        byte* ranks = workspace.Bytes.Pointer;
        if (values.Type == ColumnType.Float && values.Validity.IsEmpty && count == BitRows.BlockRows)
        {
            fixed (float* floats = values.Floats.Span[first..]) kernel.RankFloats(floats, column, column.MissingMagnitude, ranks);
            return;
        }

        if (values.Type == ColumnType.Float)
        {
            BlockReader.ReadFloats(values, first, count, workspace.Floats.Span);
            kernel.RankFloats(workspace.Floats.Pointer, column, column.MissingMagnitude, ranks);
            return;
        }

        BlockReader.ReadDoubles(values, first, count, workspace.Doubles.Span);
        RankDoubles(column, workspace, ranks);
    }

    /// <summary>
    /// Ranks doubles by way of floats. Rounding down keeps order, so a threshold below the value can only be miscounted when both round to
    /// the same float; where thresholds do not share floats that is one threshold, compared again as doubles.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RankDoubles(RankColumn column, Workspace workspace, byte* ranks)
    {
        float* floats = workspace.Floats.Pointer;
        double* doubles = workspace.Doubles.Pointer;
        bool isExact = kernel.RoundDown(doubles, column.MissingMagnitude, floats);
        kernel.RankFloats(floats, column, -1, ranks);
        if (isExact) return;

        double* thresholds = column.Doubles.Pointer;
        for (int i = 0; i < BitRows.BlockRows; i++)
        {
            if (float.IsNaN(floats[i])) continue;
            if (column.FloatsAreDistinct) ranks[i] += thresholds[ranks[i]] < doubles[i] ? (byte)1 : (byte)0;
            else ranks[i] = RankAmong(column, doubles[i]);
        }
    }

    private static byte RankAmong(RankColumn column, double value)
    {
        ReadOnlySpan<double> thresholds = column.Doubles.Span[..column.ThresholdCount];
        int low = 0, high = thresholds.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (thresholds[middle] < value) low = middle + 1;
            else high = middle;
        }

        return (byte)low;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EncodeCategories(ReadOnlySpan<Column> columns, int first, int count, Workspace workspace)
    {
        byte* page = workspace.Pages.Pointer;
        Span<int> codes = workspace.Codes.Span;
        foreach (CategoryColumn column in forest.Pages.Columns)
        {
            BlockReader.ReadCategories(columns[column.Feature], first, count, codes);
            column.Encode(codes);
            for (int i = 0; i < column.PageCount; i++, page += BitRows.BlockRows)
                CategoryColumn.SelectPage(codes, i, new Span<byte>(page, BitRows.BlockRows));
        }
    }

    private void EvaluateMembership(in MembershipOp op, Workspace workspace)
    {
        byte* codes = workspace.Pages.Pointer + (op.Page * BitRows.BlockRows);
        kernel.LookUp(codes, forest.LookUpTables.Pointer + op.Table, op.Adds, workspace.Bytes.Pointer);
        if (op.Target != MembershipOp.Unfinished) kernel.Transpose(workspace.Bytes.Pointer, workspace.Rows.Pointer + op.Target);
    }

    private void AddTree(int index, ReadOnlySpan<Column> columns, int first, int count, Workspace workspace)
    {
        byte* rows = workspace.Rows.Pointer;
        PackedTree tree = forest.Trees[index];
        byte* table = forest.LeafTables.Pointer + tree.LeafTable;
        double* sums = workspace.Sums.Pointer + (tree.Output * BitRows.BlockRows);
        if (forest.Code is { } code) code.Run(index, rows);
        else kernel.Select(rows, forest.Ops.Pointer + tree.FirstOp, tree.OpCount);
        if (tree.Linear is null) kernel.AddLeaves(rows, tree.PlaneRows, tree.Planes, table, sums);
        else AddLinear(tree, tree.Linear, columns, first, count, workspace, sums);
    }

    /// <summary>A tree with linear leaves has its labels as leaf values; each row then evaluates the model of its leaf.</summary>
    private void AddLinear(
        PackedTree tree, LinearLeaf?[] leaves, ReadOnlySpan<Column> columns, int first, int count, Workspace workspace, double* sums)
    {
        double* labels = workspace.Labels.Pointer;
        workspace.Labels.Span.Clear();
        kernel.AddLeaves(workspace.Rows.Pointer, tree.PlaneRows, tree.Planes, forest.LeafTables.Pointer + tree.LeafTable, labels);
        ReadOnlySpan<ushort> sumOfRow = kernel.SumOfRow;
        for (int row = 0; row < count; row++)
        {
            int label = (int)labels[sumOfRow[row]];
            if (leaves[label] is { } leaf) sums[sumOfRow[row]] += Evaluate(leaf, tree.LinearFallback![label], columns, first + row);
        }
    }

    private static double Evaluate(LinearLeaf leaf, double fallback, ReadOnlySpan<Column> columns, int row)
    {
        double output = leaf.Constant;
        for (int i = 0; i < leaf.Features.Length; i++)
        {
            double value = BlockReader.Value(columns[leaf.Features[i]], row);
            if (double.IsNaN(value)) return fallback;
            output += leaf.Coefficients[i] * (Math.Abs(value) <= ScalarKernel.ZeroThreshold ? 0 : value);
        }

        return output;
    }
}
