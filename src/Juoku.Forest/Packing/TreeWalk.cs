namespace Juoku.Forest.Packing;

/// <summary>
/// Nodes of a tree in preorder, its leaves numbered in that order, and the children of a node by the condition bit that leads to them:
/// numeric conditions say "goes right", categorical ones "is in the set", which goes left.
/// </summary>
internal sealed class TreeWalk
{
    private readonly Tree _tree;
    private readonly int[] _positions;

    public TreeWalk(Tree tree)
    {
        _tree = tree;
        _positions = new int[tree.LeafCount];
        Preorder = new int[tree.NodeCount];
        int nodes = 0, leaves = 0;
        var pending = new Stack<int>();
        pending.Push(0);
        while (pending.TryPop(out int node))
        {
            if (node < 0)
            {
                _positions[~node] = leaves++;
                continue;
            }

            Preorder[nodes++] = node;
            pending.Push(OneChild(node));
            pending.Push(ZeroChild(node));
        }
    }

    /// <summary>Every node before its children; reversed, every node after them.</summary>
    public int[] Preorder { get; }

    /// <summary>Child of rows whose condition bit is 0.</summary>
    public int ZeroChild(int node) => _tree.Decisions[node].IsCategorical ? _tree.RightChild[node] : _tree.LeftChild[node];

    /// <summary>Child of rows whose condition bit is 1.</summary>
    public int OneChild(int node) => _tree.Decisions[node].IsCategorical ? _tree.LeftChild[node] : _tree.RightChild[node];

    /// <summary>For each node, how many of its leaves have a position in [first, end).</summary>
    public int[] LeavesWithin(int first, int end)
    {
        var weights = new int[Preorder.Length];
        for (int i = Preorder.Length - 1; i >= 0; i--)
        {
            int node = Preorder[i];
            weights[node] = Weight(ZeroChild(node), weights, first, end) + Weight(OneChild(node), weights, first, end);
        }

        return weights;
    }

    /// <summary>The same for one child, leaf or node.</summary>
    public int Weight(int child, int[] weights, int first, int end) =>
        child >= 0 ? weights[child] : _positions[~child] >= first && _positions[~child] < end ? 1 : 0;
}
