namespace Juoku.Forest.Packing;

/// <summary>
/// The distinct numeric conditions of an ensemble. Thousands of splits share few hundred thresholds, so each condition
/// "rank &gt; i" is evaluated once a block into a bit row that all trees read.
/// </summary>
internal sealed class NumericConditions
{
    private readonly Dictionary<(int Feature, MissingKind Missing), Group> _groups = [];
    private readonly List<RankColumn> _columns = [];
    private readonly List<LeftVariant> _leftVariants = [];
    private readonly List<int> _firstRows = [];

    public NumericConditions(IReadOnlyList<Tree> trees)
    {
        foreach (Tree tree in trees)
        {
            for (int node = 0; node < tree.NodeCount; node++)
                if (!tree.Decisions[node].IsCategorical) Collect(tree, node);
        }

        NextRow = BitRows.FirstFree;
        foreach (((int feature, MissingKind missing), Group group) in _groups.OrderBy(entry => entry.Key)) Lay(feature, missing, group);
    }

    public IReadOnlyList<RankColumn> Columns => _columns;

    /// <summary>First condition row of each column.</summary>
    public IReadOnlyList<int> FirstRows => _firstRows;

    /// <summary>Conditions whose missing values go left although missing ranks highest in their column.</summary>
    public IReadOnlyList<LeftVariant> LeftVariants => _leftVariants;

    /// <summary>First row after the conditions.</summary>
    public int NextRow { get; private set; }

    /// <summary>Gives each numeric node of a tree the row of its condition "goes right".</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="rows">Receives rows, by node.</param>
    public void FillRows(Tree tree, int[] rows)
    {
        for (int node = 0; node < rows.Length; node++)
        {
            Decision decision = tree.Decisions[node];
            if (decision.IsCategorical) continue;
            Group group = _groups[(tree.SplitFeature[node], decision.Missing)];
            int rank = Array.BinarySearch(group.Sorted, RankColumn.Normalize(tree.Threshold[node]));
            bool isVariant = group.MissingGoesHigh && decision.DefaultLeft;
            rows[node] = (isVariant ? group.LeftRows! : group.Rows)[rank];
        }
    }

    /// <summary>Column of a numeric node, and which of the column's thresholds is the node's.</summary>
    public (int Column, int Threshold) PlaceOf(Tree tree, int node)
    {
        Group group = _groups[(tree.SplitFeature[node], tree.Decisions[node].Missing)];
        int rank = Array.BinarySearch(group.Sorted, RankColumn.Normalize(tree.Threshold[node]));
        return (group.FirstColumn + (rank / RankColumn.MaxThresholds), rank % RankColumn.MaxThresholds);
    }

    private void Collect(Tree tree, int node)
    {
        Decision decision = tree.Decisions[node];
        var key = (tree.SplitFeature[node], decision.Missing);
        if (!_groups.TryGetValue(key, out Group? group)) _groups[key] = group = new Group();
        group.Thresholds.Add(RankColumn.Normalize(tree.Threshold[node]));
        group.AnyRight |= !decision.DefaultLeft;
        group.AnyLeft |= decision.DefaultLeft;
    }

    private void Lay(int feature, MissingKind missing, Group group)
    {
        group.MissingGoesHigh = missing != MissingKind.None && group.AnyRight;
        group.Sorted = [.. group.Thresholds.Distinct().Order()];
        group.Rows = new int[group.Sorted.Length];
        group.FirstColumn = _columns.Count;
        int at = 0;
        var missingRows = new List<int>();
        foreach (RankColumn column in RankColumn.For(feature, missing, group.Sorted, group.MissingGoesHigh))
        {
            _columns.Add(column);
            _firstRows.Add(NextRow);
            for (int i = 0; i < column.ThresholdCount; i++) group.Rows[at++] = NextRow + i;
            NextRow += column.ConditionCount;
            missingRows.Add(NextRow - 1);
        }

        if (!group.MissingGoesHigh || !group.AnyLeft) return;
        group.LeftRows = new int[group.Sorted.Length];
        for (int i = 0; i < group.Rows.Length; i++)
        {
            group.LeftRows[i] = NextRow;
            _leftVariants.Add(new LeftVariant(NextRow * BitRows.Bytes, group.Rows[i] * BitRows.Bytes, missingRows[i / RankColumn.MaxThresholds] * BitRows.Bytes));
            NextRow++;
        }
    }

    private sealed class Group
    {
        public List<double> Thresholds { get; } = [];

        public double[] Sorted { get; set; } = [];

        public int FirstColumn { get; set; }

        public int[] Rows { get; set; } = [];

        public int[]? LeftRows { get; set; }

        public bool AnyLeft { get; set; }

        public bool AnyRight { get; set; }

        public bool MissingGoesHigh { get; set; }
    }
}

/// <summary><c>target = source &amp; ~missing</c>, as byte offsets in the workspace.</summary>
internal readonly record struct LeftVariant(int Target, int Source, int Missing);
