using System.Runtime.InteropServices;

namespace Juoku.Forest.Packing;

/// <summary>
/// Compiles a tree into selections between bit rows that give, for all rows of a block at once, the label of the leaf that each row
/// reaches, one bit plane of the label at a time.
/// <para>
/// Bottom up, the label of a node is <c>condition ? label(one) : label(zero)</c>, plane by plane. A plane in which both children agree
/// costs nothing; where the zero child has 0 and the one child 1 the plane is the condition itself; where one child does not care, the
/// plane is the other child's. Only the rest needs a <see cref="MuxOp"/>. Labels are dealt top down by <see cref="LabelCubes"/> to make that
/// rest small: about two selections a node instead of six.
/// </para>
/// <para>
/// A tree with more leaves than labels is cut into parts, each with all other leaves pooled under one label of value zero: adding +0.0 does
/// not change a sum that started at +0.0.
/// </para>
/// </summary>
internal sealed class TreeCompiler
{
    public const int MaxPlanes = 8;
    private const int MaxLabels = 1 << MaxPlanes;
    private const int DoNotCare = -1;

    private readonly List<MuxOp> _ops = [];
    private readonly List<LabelCube> _cubes = [];
    private readonly List<LabelCube> _zero = [];
    private readonly List<LabelCube> _one = [];
    private readonly Stack<int> _freeRows = new();
    private int _nextRow;
    private int _scratchRows;

    /// <summary>Compiles one tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="conditions">Row of the condition of each inner node (see <see cref="TreeWalk"/>).</param>
    /// <param name="scratch">First row free for planes.</param>
    public CompiledTree Compile(Tree tree, int[] conditions, int scratch)
    {
        if (tree.NodeCount == 0) return new CompiledTree([new TreeProgram(0, 0, 1, [BitRows.Zeros], [0, 0])], [], 0);

        var walk = new TreeWalk(tree);
        var parts = new List<TreeProgram>();
        _ops.Clear();
        _scratchRows = 0;
        int perPart = tree.LeafCount <= MaxLabels ? tree.LeafCount : MaxLabels - 1;
        for (int first = 0; first < tree.LeafCount; first += perPart)
            parts.Add(CompilePart(tree, walk, conditions, scratch, first, Math.Min(first + perPart, tree.LeafCount)));
        return new CompiledTree([.. parts], [.. _ops], _scratchRows);
    }

    private TreeProgram CompilePart(Tree tree, TreeWalk walk, int[] conditions, int scratch, int firstLeaf, int endLeaf)
    {
        int labels = endLeaf - firstLeaf + (endLeaf - firstLeaf < tree.LeafCount ? 1 : 0);
        int planes = Math.Max(1, labels == 1 ? 0 : int.Log2(labels - 1) + 1);
        int[] weights = walk.LeavesWithin(firstLeaf, endLeaf);
        var leafOfLabel = new int[1 << planes];
        Array.Fill(leafOfLabel, -1);

        // Leaves of other parts share the last label, which keeps value 0.
        var outside = new LabelCube((1 << planes) - 1, 0);
        var cubes = new (int Start, int Count)[tree.NodeCount];
        var leafCubes = new LabelCube[tree.LeafCount];
        Array.Fill(leafCubes, outside);
        _cubes.Clear();
        if (labels > endLeaf - firstLeaf) TakeAllButLast(planes);
        else _cubes.Add(new LabelCube(0, planes));
        cubes[0] = (0, _cubes.Count);

        foreach (int node in walk.Preorder)
        {
            if (weights[node] == 0) continue;
            (int start, int count) = cubes[node];
            ReadOnlySpan<LabelCube> own = CollectionsMarshal.AsSpan(_cubes).Slice(start, count);
            int zero = walk.ZeroChild(node), one = walk.OneChild(node);
            int zeroLeaves = walk.Weight(zero, weights, firstLeaf, endLeaf), oneLeaves = walk.Weight(one, weights, firstLeaf, endLeaf);
            _zero.Clear();
            _one.Clear();
            if (zeroLeaves == 0) _one.AddRange(own);
            else if (oneLeaves == 0) _zero.AddRange(own);
            else LabelCubes.Split(own, zeroLeaves, oneLeaves, _zero, _one);
            Give(zero, zeroLeaves, _zero);
            Give(one, oneLeaves, _one);
        }

        void Give(int child, int leaves, List<LabelCube> share)
        {
            if (leaves == 0) return;
            if (child < 0)
            {
                leafCubes[~child] = share[0];
                leafOfLabel.AsSpan(share[0].First, share[0].Size).Fill(~child);
                return;
            }

            cubes[child] = (_cubes.Count, share.Count);
            _cubes.AddRange(share);
        }

        int firstOp = _ops.Count;
        int[] root = EmitSelections(tree, walk, conditions, scratch, planes, weights, leafCubes, outside);
        return new TreeProgram(firstOp, _ops.Count - firstOp, planes, root, leafOfLabel);
    }

    /// <summary>Everything but the label of the pooled leaves.</summary>
    private void TakeAllButLast(int planes)
    {
        for (int log = planes - 1; log >= 0; log--) _cubes.Add(new LabelCube((1 << planes) - (2 << log), log));
    }

    /// <summary>Bottom up, the row that holds each plane of the label of each node; returns those of the root.</summary>
    private int[] EmitSelections(
        Tree tree, TreeWalk walk, int[] conditions, int scratch, int planes, int[] weights, LabelCube[] leafCubes, LabelCube outside)
    {
        _freeRows.Clear();
        _nextRow = scratch;
        var rows = new int[tree.NodeCount * planes];
        for (int i = walk.Preorder.Length - 1; i >= 0; i--)
        {
            int node = walk.Preorder[i];
            if (weights[node] == 0) continue;
            for (int plane = 0; plane < planes; plane++)
            {
                int zero = Plane(walk.ZeroChild(node), plane), one = Plane(walk.OneChild(node), plane);
                rows[(node * planes) + plane] = Select(conditions[node], zero, one, scratch);
            }
        }

        _scratchRows = Math.Max(_scratchRows, _nextRow - scratch);
        return [.. rows[..planes].Select(row => row == DoNotCare ? BitRows.Zeros : row)];

        int Plane(int child, int plane)
        {
            if (child >= 0 && weights[child] > 0) return rows[(child * planes) + plane];
            LabelCube cube = child >= 0 ? outside : leafCubes[~child];
            if (plane < cube.Log) return DoNotCare;
            return (cube.First >> plane & 1) != 0 ? BitRows.Ones : BitRows.Zeros;
        }
    }

    private int Select(int condition, int zero, int one, int scratch)
    {
        if (zero == one || one == DoNotCare) return zero;
        if (zero == DoNotCare) return one;
        if (zero == BitRows.Zeros && one == BitRows.Ones) return condition;

        if (zero >= scratch) _freeRows.Push(zero);
        if (one >= scratch) _freeRows.Push(one);
        int target = _freeRows.Count > 0 ? _freeRows.Pop() : _nextRow++;
        _ops.Add(new MuxOp(target * BitRows.Bytes, condition * BitRows.Bytes, one * BitRows.Bytes, zero * BitRows.Bytes));
        return target;
    }
}

/// <summary>Compiled form of a tree.</summary>
/// <param name="Parts">One program, or several whose outputs add up.</param>
/// <param name="Ops">Their selections.</param>
/// <param name="ScratchRows">Rows of intermediate planes that they need.</param>
internal sealed record CompiledTree(TreeProgram[] Parts, MuxOp[] Ops, int ScratchRows);

/// <summary>Compiled form of a tree or of a part of one.</summary>
/// <param name="FirstOp">Index of its first selection among those of the tree.</param>
/// <param name="OpCount">Number of selections.</param>
/// <param name="Planes">Bits of a leaf label, 1 to 8.</param>
/// <param name="PlaneRows">Row of each plane of the label, lowest bit first.</param>
/// <param name="LeafOfLabel">Leaf that a label stands for; −1 for leaves of other parts.</param>
internal sealed record TreeProgram(int FirstOp, int OpCount, int Planes, int[] PlaneRows, int[] LeafOfLabel);
