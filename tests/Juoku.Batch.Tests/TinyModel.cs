using System.Text;

namespace Juoku.Batch.Tests;

/// <summary>Small hand-written models whose scores a person can work out.</summary>
internal static class TinyModel
{
    /// <summary>
    /// Three features: <c>age</c> and <c>price</c> are numbers, <c>colour</c> is a category; <c>unused</c> is in no tree. Raw score:
    /// (age ≤ 30 or missing ? 1 : 2) + (price ≤ 9.5 ? 10 : 20, missing as 0) + (colour 1 or 3 ? 100 : 200).
    /// </summary>
    public static string Text(string features = "age price colour unused", string objective = "regression", string pandas = "null")
    {
        var text = new StringBuilder();
        text.Append("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=3\n");
        text.Append($"objective={objective}\nfeature_names={features}\nfeature_infos=[0:100] [0:50] 0:1:2:3 none\n\n");
        text.Append(Tree(0, feature: 0, threshold: "30", decision: 10, left: 1, right: 2));
        text.Append(Tree(1, feature: 1, threshold: "9.5", decision: 0, left: 10, right: 20));
        text.Append("Tree=2\nnum_leaves=2\nnum_cat=1\nsplit_feature=2\nsplit_gain=1\nthreshold=0\ndecision_type=1\nleft_child=-1\nright_child=-2\nleaf_value=100 200\n"
            + "leaf_weight=1 1\nleaf_count=1 1\ninternal_value=0\ninternal_weight=0\ninternal_count=2\ncat_boundaries=0 1\ncat_threshold=10\nis_linear=0\nshrinkage=1\n\n\n");
        text.Append("end of trees\n\nfeature_importances:\nage=1\n\nparameters:\n[boosting: gbdt]\nend of parameters\n\npandas_categorical:").Append(pandas).Append('\n');
        return text.ToString();
    }

    private static string Tree(int index, int feature, string threshold, int decision, int left, int right) =>
        $"Tree={index}\nnum_leaves=2\nnum_cat=0\nsplit_feature={feature}\nsplit_gain=1\nthreshold={threshold}\ndecision_type={decision}\nleft_child=-1\nright_child=-2\n"
        + $"leaf_value={left} {right}\nleaf_weight=1 1\nleaf_count=1 1\ninternal_value=0\ninternal_weight=0\ninternal_count=2\nis_linear=0\nshrinkage=1\n\n\n";
}
