using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Juoku.Forest.Reading;

/// <summary>Reads LightGBM text models.</summary>
internal static class ModelReader
{
    /// <summary>Reads the UTF-8 text of a model; <paramref name="source"/> names it in errors.</summary>
    public static Ensemble Read(ReadOnlySpan<byte> utf8, string source)
    {
        string[] blocks = Encoding.UTF8.GetString(utf8).Split("\nTree=");
        Dictionary<string, string> head = Fields(blocks[0]);
        string[] objective = head.GetValueOrDefault("objective", "custom").Split(' ');
        return new Ensemble
        {
            Trees = [.. blocks.Skip(1).Select(block => ReadTree(Fields(block)))],
            FeatureNames = [.. head["feature_names"].Split(' ')],
            OutputCount = int.Parse(head["num_tree_per_iteration"], CultureInfo.InvariantCulture),
            AveragesOutput = head.ContainsKey("average_output"),
            Objective = new Objective(objective[0], objective[0] == "binary" ? OutputTransform.Sigmoid : OutputTransform.Identity),
        };
    }

    private static Dictionary<string, string> Fields(string block) => block.Split('\n')
        .Select(line => line.TrimEnd('\r').Split('=', 2)).GroupBy(parts => parts[0]).ToDictionary(g => g.Key, g => g.First().Length > 1 ? g.First()[1] : "");

    private static Tree ReadTree(Dictionary<string, string> fields)
    {
        ImmutableArray<double> Doubles(string key) => fields.TryGetValue(key, out string? text)
            ? [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v == "inf" ? double.PositiveInfinity : double.Parse(v, CultureInfo.InvariantCulture))] : [];
        ImmutableArray<int> Ints(string key) => [.. Doubles(key).Select(v => (int)v)];
        bool hasCategories = fields["num_cat"] != "0";
        var counts = Ints("num_features");
        var features = Ints("leaf_features");
        var coefficients = Doubles("leaf_coeff");
        var constants = Doubles("leaf_const");
        int at = 0;
        return new Tree
        {
            SplitFeature = Ints("split_feature"),
            Threshold = Doubles("threshold"),
            Decisions = [.. Ints("decision_type").Select(d => new Decision((byte)d))],
            LeftChild = Ints("left_child"),
            RightChild = Ints("right_child"),
            LeafValue = Doubles("leaf_value"),
            CategoryBoundaries = hasCategories ? Ints("cat_boundaries") : [],
            CategoryBits = hasCategories ? [.. Doubles("cat_threshold").Select(v => (uint)v)] : [],
            LinearLeaves = fields.GetValueOrDefault("is_linear") == "1"
                ? [.. constants.Select((c, i) =>
                {
                    var leaf = new LinearLeaf(c, [.. features.Skip(at).Take(counts[i])], [.. coefficients.Skip(at).Take(counts[i])]);
                    at += counts[i];
                    return leaf;
                })]
                : [],
        };
    }
}
