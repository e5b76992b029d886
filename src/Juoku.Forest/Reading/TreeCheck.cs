namespace Juoku.Forest.Reading;

/// <summary>Checks what scoring takes for granted, so that no kernel has to: indices in range, and children that form exactly one tree.</summary>
internal static class TreeCheck
{
    /// <summary>Every feature index is one of the model's.</summary>
    public static void Splits(Field field, ReadOnlySpan<int> features, int count)
    {
        foreach (int feature in features)
            if ((uint)feature >= (uint)count) throw field.Fault($"names feature {feature}, but the model has {count} features");
    }

    /// <summary>The bitsets of categorical splits lie one after another from the start.</summary>
    public static void Boundaries(Field field, ReadOnlySpan<int> boundaries)
    {
        if (boundaries[0] != 0) throw field.Fault("does not begin with 0");
        for (int i = 1; i < boundaries.Length; i++)
            if (boundaries[i] < boundaries[i - 1]) throw field.Fault($"falls from {boundaries[i - 1]} to {boundaries[i]}");
    }

    /// <summary>A numeric threshold is a number; a categorical one is the index of a bitset.</summary>
    public static void Thresholds(Field field, ReadOnlySpan<double> thresholds, ReadOnlySpan<Decision> decisions, int categoricals)
    {
        for (int i = 0; i < thresholds.Length; i++)
        {
            double threshold = thresholds[i];
            if (decisions[i].IsCategorical)
            {
                if (!(threshold >= 0 && threshold < categoricals && threshold == Math.Floor(threshold)))
                    throw field.Fault($"of categorical node {i} is {threshold}, not the index of one of {categoricals} category sets");
            }
            else if (double.IsNaN(threshold))
            {
                throw field.Fault($"of node {i} is not a number");
            }
        }
    }

    /// <summary>Each node but the root and each leaf is the child of one node, and the root reaches all of them.</summary>
    public static void Shape(Field leftField, ReadOnlySpan<int> left, Field rightField, ReadOnlySpan<int> right)
    {
        int nodes = left.Length;
        bool[] seen = new bool[nodes + nodes + 1];
        bool isForward = true;
        for (int i = 0; i < nodes; i++)
        {
            Mark(leftField, left[i]);
            Mark(rightField, right[i]);
            isForward &= (left[i] < 0 || left[i] > i) && (right[i] < 0 || right[i] > i);
        }

        // Children numbered after their parents, as LightGBM numbers them, cannot form a ring apart from the root.
        if (!isForward && Reached(left, right) != nodes) throw leftField.Fault("and right_child form a ring of nodes apart from the root");

        void Mark(Field field, int child)
        {
            if (child == 0 || child >= nodes || child < -nodes - 1)
                throw field.Fault($"holds {child}, which is neither an inner node nor a leaf of this tree");
            int place = child > 0 ? child : nodes + ~child;
            if (seen[place]) throw field.Fault($"holds {child}, which is another node's child already");
            seen[place] = true;
        }
    }

    private static int Reached(ReadOnlySpan<int> left, ReadOnlySpan<int> right)
    {
        var open = new Stack<int>();
        open.Push(0);
        int reached = 0;
        while (open.TryPop(out int node))
        {
            reached++;
            if (left[node] > 0) open.Push(left[node]);
            if (right[node] > 0) open.Push(right[node]);
        }

        return reached;
    }
}
