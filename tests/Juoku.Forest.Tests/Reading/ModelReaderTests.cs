using System.Text;
using Juoku.Forest.Reading;

namespace Juoku.Forest.Tests.Reading;

public sealed class ModelReaderTests
{
    private static readonly string Text = new RandomForest(new ForestShape { Features = 4, Trees = 3, Leaves = 7, Categorical = 2, Categories = 90 }, seed: 3).Write();

    private static readonly string Linear = new RandomForest(new ForestShape { Features = 4, Trees = 2, Leaves = 4, IsLinear = true }, seed: 3).Write();

    private static Ensemble Read(string text) => ModelReader.Read(Encoding.UTF8.GetBytes(text), "model.txt");

    private static ModelFormatException Refusal(string text) => Assert.Throws<ModelFormatException>(() => Read(text));

    private static string WithoutSizes(string text)
    {
        int at = text.IndexOf("tree_sizes=", StringComparison.Ordinal);
        return text.Remove(at, text.IndexOf('\n', at) + 1 - at);
    }

    /// <summary>Replaces the value of a field where it first stands at the start of a line.</summary>
    private static string With(string text, string field, string value)
    {
        int at = text.IndexOf($"\n{field}=", StringComparison.Ordinal) + field.Length + 2;
        return text[..at] + value + text[text.IndexOf('\n', at)..];
    }

    private static string Value(string text, string field)
    {
        int at = text.IndexOf($"\n{field}=", StringComparison.Ordinal) + field.Length + 2;
        return text[at..text.IndexOf('\n', at)];
    }

    private static string Without(string text, string field)
    {
        int at = text.IndexOf($"\n{field}=", StringComparison.Ordinal);
        return text.Remove(at, text.IndexOf('\n', at + 1) - at);
    }

    [Fact]
    public void Read_Model_HasItsTreesNamesAndOutputs()
    {
        Ensemble model = Read(Text);
        Assert.Equal(3, model.Trees.Length);
        Assert.All(model.Trees, tree => Assert.Equal((6, 7), (tree.NodeCount, tree.LeafCount)));
        Assert.Equal(["f0", "f1", "f2", "f3"], model.FeatureNames);
        Assert.Equal((1, 3), (model.OutputCount, model.IterationCount));
        Assert.Equal(new Objective("regression", OutputTransform.Identity), model.Objective);
        Assert.False(model.AveragesOutput);
        Assert.Empty(model.CategoryMaps);
    }

    [Fact]
    public void Read_WindowsLineEnds_IsTheSameModel()
    {
        // Sizes as the writer counted them, before a copy in text mode added the carriage returns.
        Ensemble model = Read(Text.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(Read(Text).Trees.SelectMany(tree => tree.LeafValue), model.Trees.SelectMany(tree => tree.LeafValue));
        Assert.Equal(4, model.FeatureNames.Length);
    }

    [Fact]
    public void Read_ByteOrderMark_IsPassedOver() => Assert.Equal(3, Read("\uFEFF" + Text).Trees.Length);

    [Fact]
    public void Read_NoTreeSizes_IsReadByStructure() => Assert.Equal(3, Read(WithoutSizes(Text)).Trees.Length);

    [Fact]
    public void Read_NamesBeyondAscii_AreKept() => Assert.Equal(["クリック", "a=b", "c", "d"], Read(With(Text, "feature_names", "クリック a=b c d")).FeatureNames);

    [Fact]
    public void Read_TreeWithoutCategoricalSplits_IgnoresTheCategoricalBit()
    {
        string text = WithoutSizes(new RandomForest(new ForestShape { Features = 2, Trees = 1, Leaves = 3 }, seed: 1).Write());
        Assert.All(Read(With(text, "decision_type", "1 3")).Trees[0].Decisions, decision => Assert.False(decision.IsCategorical));
    }

    [Fact]
    public void Read_StaleTreeSizes_NamesTheTreeAndTheWayOut()
    {
        ModelFormatException refusal = Refusal(With(Text, "leaf_value", "0.5 " + Value(Text, "leaf_value")[2..] + "1"));
        Assert.Contains("tree 0 is", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("delete the line tree_sizes", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("model.txt:12: ", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(12, refusal.Line);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n\n", "empty")]
    [InlineData("PK\u0003\u0004", "not a LightGBM text model")]
    [InlineData("{\"name\": \"tree\"}", "not a LightGBM text model")]
    [InlineData("tree\n", "is not followed by trees")]
    public void Read_NotAModel_SaysSo(string text, string expected) => Assert.Contains(expected, Refusal(text).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("version", "v5", "version is 'v5', not v2")]
    [InlineData("num_class", "3", "num_tree_per_iteration is 1")]
    [InlineData("num_tree_per_iteration", "0", "a whole number of at least 1")]
    [InlineData("max_feature_idx", "7", "has 4 names, but max_feature_idx is 7")]
    [InlineData("max_feature_idx", "2147483647", "max_feature_idx is 2147483647")]
    [InlineData("feature_infos", "none none none", "describes 3 of 4 features")]
    [InlineData("feature_infos", "none none none none none", "more than 4")]
    [InlineData("feature_infos", "none none none a:b", "describes feature 3 as 'a:b'")]
    [InlineData("tree_sizes", "1 2 3", "tree_sizes says 1")]
    [InlineData("objective", "lambdamart", "objective is 'lambdamart'")]
    [InlineData("objective", "", "objective has no value")]
    [InlineData("objective", "binary", "lacks its sigmoid")]
    [InlineData("objective", "binary sigmoid:0", "sigmoid '0'")]
    [InlineData("objective", "binary sigmoid:-1", "sigmoid '-1'")]
    [InlineData("objective", "binary sigmoid:nan", "sigmoid 'nan'")]
    [InlineData("objective", "binary sigmoid:1 focal:2", "parameter 'focal:2'")]
    [InlineData("objective", "multiclass num_class:3", "is for 3 outputs")]
    public void Read_BadHeader_NamesTheField(string field, string value, string expected) =>
        Assert.Contains(expected, Refusal(With(Text, field, value)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("version", "the header has no version")]
    [InlineData("num_class", "the header has no num_class")]
    [InlineData("num_tree_per_iteration", "the header has no num_tree_per_iteration")]
    [InlineData("max_feature_idx", "the header has no max_feature_idx")]
    [InlineData("feature_names", "the header has no feature_names")]
    [InlineData("feature_infos", "the header has no feature_infos")]
    [InlineData("num_leaves", "tree 0 has no num_leaves")]
    [InlineData("num_cat", "tree 0 has no num_cat")]
    [InlineData("split_feature", "tree 0 has no split_feature")]
    [InlineData("threshold", "tree 0 has no threshold")]
    [InlineData("decision_type", "tree 0 has no decision_type")]
    [InlineData("left_child", "tree 0 has no left_child")]
    [InlineData("right_child", "tree 0 has no right_child")]
    [InlineData("leaf_value", "tree 0 has no leaf_value")]
    [InlineData("cat_boundaries", "tree 0 has no cat_boundaries")]
    [InlineData("cat_threshold", "tree 0 has no cat_threshold")]
    public void Read_FieldMissing_NamesIt(string field, string expected) =>
        Assert.Contains(expected, Refusal(Without(WithoutSizes(Text), field)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("num_leaves", "8", "leaf_value has 7 of 8 values")]
    [InlineData("num_leaves", "6", "leaf_value has more than 6 values")]
    [InlineData("num_leaves", "2147483647", "leaf_value has 7 of 2147483647 values")]
    [InlineData("num_leaves", "0", "num_leaves holds '0'")]
    [InlineData("num_leaves", "-3", "num_leaves holds '-3'")]
    [InlineData("num_leaves", "7 7", "num_leaves has more than one value")]
    [InlineData("num_leaves", "", "num_leaves has no value")]
    [InlineData("split_feature", "0 1 2 3 4 0", "split_feature names feature 4")]
    [InlineData("split_feature", "0 1 2 3 -1 0", "split_feature names feature -1")]
    [InlineData("split_feature", "0 1 2 3 1.5 0", "split_feature holds '1.5'")]
    [InlineData("leaf_value", "1 2 3 4 5 6 x", "leaf_value holds 'x'")]
    [InlineData("leaf_value", "1 2 3 4 5 6 1e", "leaf_value holds '1e'")]
    [InlineData("leaf_value", "1 2 3 4 5 6 7\t8", "leaf_value holds '7?8'")]
    [InlineData("threshold", "nan nan nan nan nan nan", "threshold")]
    [InlineData("decision_type", "0 0 0 0 0 16", "decision_type of node 5 is 16")]
    [InlineData("decision_type", "0 0 0 0 0 12", "decision_type of node 5 is 12")]
    [InlineData("left_child", "6 2 3 4 5 1", "left_child holds 6")]
    [InlineData("left_child", "1 1 1 1 1 1", "another node's child already")]
    [InlineData("left_child", "0 1 2 3 4 5", "left_child holds 0")]
    [InlineData("left_child", "-9 2 3 4 5 1", "left_child holds -9")]
    [InlineData("num_cat", "2147483647", "cannot have so many")]
    [InlineData("num_cat", "-1", "num_cat holds '-1'")]
    [InlineData("num_cat", "1000", "cat_boundaries has")]
    [InlineData("is_linear", "1", "has no leaf_const")]
    [InlineData("is_linear", "yes", "is_linear holds 'yes'")]
    public void Read_BadTree_NamesTheFieldAndTheFault(string field, string value, string expected) =>
        Assert.Contains(expected, Refusal(With(WithoutSizes(Text), field, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NodesInARing_AreRefused()
    {
        string text = WithoutSizes(new RandomForest(new ForestShape { Features = 2, Trees = 1, Leaves = 4 }, seed: 1).Write());
        ModelFormatException refusal = Refusal(With(With(text, "left_child", "-1 2 1"), "right_child", "-2 -3 -4"));
        Assert.Contains("ring", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 3 4", "does not begin with 0")]
    [InlineData("0 3 2", "falls from 3 to 2")]
    [InlineData("0 3 -4", "falls from 3 to -4")]
    [InlineData("0 1 5000", "cat_threshold has")]
    public void Read_BadCategoryBoundaries_AreRefused(string boundaries, string expected)
    {
        string text = WithoutSizes(Text);
        string more = string.Concat(Enumerable.Repeat(" 5001", Value(text, "cat_boundaries").Split(' ').Length - boundaries.Split(' ').Length));
        Assert.Contains(expected, Refusal(With(text, "cat_boundaries", boundaries + more)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CategoricalThresholdOutOfRange_IsRefused() =>
        Assert.Contains("not the index of one of", Refusal(With(With(WithoutSizes(Text), "threshold", "0.5 99 0 -1 0 1"), "decision_type", "1 1 1 1 1 1")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("num_features", "1 1 1 -1", "negative count")]
    [InlineData("num_features", "2147483647 2147483647 2147483647 2147483647", "leaf_features has")]
    [InlineData("leaf_features", "9", "leaf_features")]
    [InlineData("leaf_coeff", "0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5", "leaf_coeff has more")]
    [InlineData("leaf_const", "1 2 3", "leaf_const has 3 of 4")]
    public void Read_BadLinearLeaves_AreRefused(string field, string value, string expected) =>
        Assert.Contains(expected, Refusal(With(WithoutSizes(Linear), field, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_UnknownFields_AreRefusedByName()
    {
        Assert.Contains("the header has the unknown field 'quantised'", Refusal(Text.Replace("\nfeature_infos", "\nquantised=1\nfeature_infos", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
        Assert.Contains("tree 0 has the unknown field 'leaf_scale'", Refusal(WithoutSizes(Text).Replace("\nshrinkage", "\nleaf_scale=2\nshrinkage", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FieldTwice_IsRefused()
    {
        Assert.Contains("the header has num_class twice", Refusal(Text.Replace("\nlabel_index", "\nnum_class=1\nlabel_index", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
        Assert.Contains("tree 0 has num_cat twice", Refusal(WithoutSizes(Text).Replace("\nthreshold", "\nnum_cat=2\nthreshold", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TreesMissingOrMoved_AreRefused()
    {
        string text = WithoutSizes(Text);
        Assert.Contains("Tree=1 is expected", Refusal(text.Replace("Tree=1\n", "Tree=2\n", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
        int second = Text.IndexOf("Tree=2", StringComparison.Ordinal);
        string cut = Text.Remove(second, Text.IndexOf("end of trees", StringComparison.Ordinal) - second);
        Assert.Contains("tree_sizes lists 3 trees, but the model has 2", Refusal(cut).Message, StringComparison.Ordinal);
        string outputs = With(With(With(text, "num_class", "2"), "num_tree_per_iteration", "2"), "objective", "multiclass num_class:2");
        Assert.Contains("not whole iterations of 2", Refusal(outputs).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoTrees_IsRefused()
    {
        string text = WithoutSizes(Text);
        int first = text.IndexOf("Tree=0", StringComparison.Ordinal);
        Assert.Contains("no trees", Refusal(text.Remove(first, text.IndexOf("end of trees", StringComparison.Ordinal) - first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CutParameters_AreRefused() =>
        Assert.Contains("the parameters have no end", Refusal(Text[..Text.IndexOf("end of parameters", StringComparison.Ordinal)]).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_RandomForestOfLightGbm21_IsRefusedByName()
    {
        string old = With(WithoutSizes(Text), "version", "v2").Replace("end of trees\n\nfeature_importances:", "\nfeature importances:", StringComparison.Ordinal)
            .Replace("\nfeature_names", "\naverage_output\nfeature_names", StringComparison.Ordinal);
        Assert.Contains("random forests of LightGBM 2.1", Refusal(With(old, "objective", "binary sigmoid:1")).Message, StringComparison.Ordinal);
        Assert.True(Read(old).AveragesOutput);
    }

    [Theory]
    [InlineData("binary sigmoid:1", "binary", OutputTransform.Sigmoid, 1)]
    [InlineData("binary sigmoid:0.7", "binary", OutputTransform.Sigmoid, 0.7)]
    [InlineData("binary sigmoid:1e-05", "binary", OutputTransform.Sigmoid, 1 / 1e5)]
    [InlineData("binary sigmoid:1.2e+06", "binary", OutputTransform.Sigmoid, (1 + (2 / 10.0)) * 1e6)]
    [InlineData("multiclass num_class:1", "multiclass", OutputTransform.Softmax, 1)]
    [InlineData("multiclassova num_class:1 sigmoid:2", "multiclassova", OutputTransform.Sigmoid, 2)]
    [InlineData("cross_entropy", "cross_entropy", OutputTransform.Sigmoid, 1)]
    [InlineData("xentropy", "cross_entropy", OutputTransform.Sigmoid, 1)]
    [InlineData("cross_entropy_lambda", "cross_entropy_lambda", OutputTransform.LogOnePlusExp, 1)]
    [InlineData("poisson", "poisson", OutputTransform.Exp, 1)]
    [InlineData("gamma", "gamma", OutputTransform.Exp, 1)]
    [InlineData("tweedie sqrt", "tweedie", OutputTransform.Exp, 1)]
    [InlineData("mse", "regression", OutputTransform.Identity, 1)]
    [InlineData("regression sqrt", "regression", OutputTransform.SignedSquare, 1)]
    [InlineData("quantile sqrt", "quantile", OutputTransform.SignedSquare, 1)]
    [InlineData("huber sqrt", "huber", OutputTransform.Identity, 1)]
    [InlineData("lambdarank", "lambdarank", OutputTransform.Identity, 1)]
    [InlineData("rank_xendcg", "rank_xendcg", OutputTransform.Identity, 1)]
    [InlineData("custom", "custom", OutputTransform.Identity, 1)]
    public void Read_Objective_HasItsTransform(string objective, string name, OutputTransform transform, double sigmoid) =>
        Assert.Equal(new Objective(name, transform, sigmoid), Read(With(Text, "objective", objective)).Objective);

    [Fact]
    public void Read_NoObjective_ScoresRaw() => Assert.Equal(Objective.Identity, Read(Without(Text, "objective")).Objective);
}
