using System.Globalization;
using System.Text;

namespace Juoku.Forest.Tests;

/// <summary>What a random model looks like.</summary>
internal sealed record ForestShape
{
    public int Features { get; init; } = 12;

    public int Trees { get; init; } = 20;

    public int Leaves { get; init; } = 31;

    public int Outputs { get; init; } = 1;

    /// <summary>Different thresholds a feature has to choose from; as many as it likes when 0.</summary>
    public int Thresholds { get; init; }

    /// <summary>Every split splits the newest leaf.</summary>
    public bool IsChain { get; init; }

    /// <summary>The first so many features are categorical.</summary>
    public int Categorical { get; init; }

    /// <summary>Categories below this.</summary>
    public int Categories { get; init; } = 40;

    /// <summary>Any node may treat a feature as categorical or numeric, with any missing kind.</summary>
    public bool MixesKinds { get; init; }

    public bool IsLinear { get; init; }

    /// <summary>Nodes and leaves are numbered at random, not in the order of splitting.</summary>
    public bool IsRenumbered { get; init; }

    /// <summary>Some trees are a single leaf.</summary>
    public bool HasStumps { get; init; }

    public string Objective { get; init; } = "objective=regression\n";
}

/// <summary>Seeded random models, as text that LightGBM reads too, and rows that lie on and around their thresholds.</summary>
internal sealed class RandomForest(ForestShape shape, int seed)
{
    private static readonly double[] Specials =
    [
        0.0, -0.0, 1e-35f, -1e-35f, Math.BitIncrement(1e-35f), Math.BitDecrement(1e-35f), 1e-35, double.Epsilon, -double.Epsilon, 1e-310, float.Epsilon, 1e-40,
        double.PositiveInfinity, double.NegativeInfinity, 1e300, -1e300, double.MaxValue, 3e9, -3e9, 2147483648, 2147483647, 4294967296, -2147483649, 0.5, -0.5, 1, -1, 16777217, 1e10,
    ];

    private readonly Random _random = new(seed);
    private readonly double[][] _thresholds = new double[shape.Features][];
    private readonly int[] _missing = new int[shape.Features];

    /// <summary>The text of the model.</summary>
    public string Write()
    {
        for (int f = 0; f < shape.Features; f++)
        {
            _missing[f] = _random.Next(3);
            _thresholds[f] = new double[shape.Thresholds > 0 ? shape.Thresholds : 24];
            for (int i = 0; i < _thresholds[f].Length; i++) _thresholds[f][i] = NewThreshold(f, i);
        }

        var trees = new List<string>();
        for (int i = 0; i < shape.Trees * shape.Outputs; i++) trees.Add($"Tree={i}\n{WriteTree(shape.HasStumps && _random.Next(3) == 0 ? 1 : shape.Leaves)}\n\n");
        string sizes = string.Join(' ', trees.Select(tree => Encoding.UTF8.GetByteCount(tree)));
        string names = string.Join(' ', Enumerable.Range(0, shape.Features).Select(f => $"f{f}"));
        string infos = string.Join(' ', Enumerable.Repeat("none", shape.Features));
        return $"tree\nversion=v4\nnum_class={shape.Outputs}\nnum_tree_per_iteration={shape.Outputs}\nlabel_index=0\nmax_feature_idx={shape.Features - 1}\n{shape.Objective}"
            + $"feature_names={names}\nfeature_infos={infos}\ntree_sizes={sizes}\n\n{string.Concat(trees)}end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n";
    }

    /// <summary>Row-major values around the model's thresholds, with everything odd that a row can hold.</summary>
    public double[] Rows(int count)
    {
        double[] rows = new double[count * shape.Features];
        for (int i = 0; i < rows.Length; i++) rows[i] = NewValue(i % shape.Features);
        return rows;
    }

    private double NewThreshold(int feature, int place)
    {
        double[] before = _thresholds[feature];
        return _random.Next(12) switch
        {
            0 when shape.Thresholds == 0 => Specials[_random.Next(Specials.Length)],
            1 when place > 0 => Math.BitIncrement(before[place - 1]),
            2 when place > 0 => (float)before[place - 1],
            3 => _random.Next(-20, 20),
            4 => _random.Next(-20, 20) + 0.5,
            _ => Normal(),
        };
    }

    private double NewValue(int feature)
    {
        double threshold = _thresholds[feature][_random.Next(_thresholds[feature].Length)];
        bool isCategorical = feature < shape.Categorical || (shape.MixesKinds && _random.Next(2) == 0);
        return _random.Next(isCategorical ? 4 : 14) switch
        {
            0 => double.NaN,
            1 => Specials[_random.Next(Specials.Length)],
            2 when isCategorical => _random.Next(-2, shape.Categories + 3) + (_random.NextDouble() * 1.5) - 0.75,
            3 when isCategorical => _random.Next(-1, shape.Categories + 2),
            2 => _random.Next(-20, 20),
            3 => 0,
            4 or 5 => threshold,
            6 => Math.BitIncrement(threshold),
            7 => Math.BitDecrement(threshold),
            8 => (float)threshold,
            9 => MathF.BitIncrement((float)threshold),
            10 => MathF.BitDecrement((float)threshold),
            11 => (float)Normal(),
            _ => Normal(),
        };
    }

    private string WriteTree(int leaves)
    {
        int nodes = leaves - 1;
        int[] left = new int[nodes];
        int[] right = new int[nodes];
        (int Node, bool IsLeft)[] parent = new (int, bool)[leaves];
        for (int node = 0; node < nodes; node++)
        {
            int leaf = shape.IsChain ? node : _random.Next(node + 1);
            if (node > 0) (parent[leaf].IsLeft ? left : right)[parent[leaf].Node] = node;
            left[node] = ~leaf;
            right[node] = ~(node + 1);
            parent[leaf] = (node, true);
            parent[node + 1] = (node, false);
        }

        if (shape.IsRenumbered) Renumber(left, right);
        var text = new StringBuilder();
        int categoricals = 0;
        var boundaries = new List<int> { 0 };
        var words = new List<uint>();
        int[] features = new int[nodes];
        double[] thresholds = new double[nodes];
        int[] decisions = new int[nodes];
        for (int node = 0; node < nodes; node++)
        {
            int f = _random.Next(shape.Features);
            features[node] = f;
            bool isCategorical = f < shape.Categorical || (shape.MixesKinds && _random.Next(2) == 0);
            int missing = shape.MixesKinds ? _random.Next(3) : _missing[f];
            decisions[node] = (isCategorical ? 1 : 0) | (_random.Next(2) << 1) | (missing << 2);
            thresholds[node] = isCategorical ? categoricals++ : _thresholds[f][_random.Next(_thresholds[f].Length)];
            if (!isCategorical) continue;
            words.AddRange(NewSet());
            boundaries.Add(words.Count);
        }

        Line("num_leaves", [leaves]);
        Line("num_cat", [categoricals]);
        Line("split_feature", features);
        Line("threshold", thresholds);
        Line("decision_type", decisions);
        Line("left_child", left);
        Line("right_child", right);
        Line("leaf_value", Values(leaves));
        if (categoricals > 0)
        {
            Line("cat_boundaries", boundaries);
            Line("cat_threshold", words);
        }

        Line("is_linear", [shape.IsLinear ? 1 : 0]);
        if (shape.IsLinear)
        {
            int[] counts = [.. Enumerable.Range(0, leaves).Select(_ => _random.Next(4))];
            Line("leaf_const", Values(leaves));
            Line("num_features", counts);
            Line("leaf_features", Enumerable.Range(0, counts.Sum()).Select(_ => _random.Next(shape.Features)));
            Line("leaf_coeff", Values(counts.Sum()));
        }

        return text.Append("shrinkage=1\n").ToString();

        void Line<T>(string name, IEnumerable<T> values) where T : IFormattable =>
            text.Append(name).Append('=').AppendJoin(' ', values.Select(value => value.ToString(value is double ? "R" : null, CultureInfo.InvariantCulture).Replace("Infinity", "inf", StringComparison.Ordinal))).Append('\n');
    }

    private uint[] NewSet()
    {
        // The empty set and sets of one category occur as well.
        uint[] set = new uint[(_random.Next(shape.Categories) / 32) + 1];
        int members = _random.Next(4) == 0 ? _random.Next(3) : _random.Next(set.Length * 32);
        for (int i = 0; i < members; i++) set[_random.Next(set.Length)] |= 1u << _random.Next(32);
        return set;
    }

    private double[] Values(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _random.Next(30) switch { 0 => 0, 1 => -0.0, 2 => Normal() * 1e10, 3 => Normal() * 1e-10, _ => Normal() / 10 })];

    private void Renumber(int[] left, int[] right)
    {
        int[] node = [.. Enumerable.Range(0, left.Length)];
        int[] leaf = [.. Enumerable.Range(0, left.Length + 1)];
        _random.Shuffle(node.AsSpan(Math.Min(1, node.Length)));
        _random.Shuffle(leaf);
        int[] oldLeft = [.. left];
        int[] oldRight = [.. right];
        for (int i = 0; i < left.Length; i++)
        {
            left[node[i]] = oldLeft[i] >= 0 ? node[oldLeft[i]] : ~leaf[~oldLeft[i]];
            right[node[i]] = oldRight[i] >= 0 ? node[oldRight[i]] : ~leaf[~oldRight[i]];
        }
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
