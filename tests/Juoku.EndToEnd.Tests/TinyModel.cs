namespace Juoku.EndToEnd.Tests;

/// <summary>A hand-written binary model of two features: raw score (age ≤ 30 ? 0.5 : −0.5) + (price ≤ 9.5 ? 0.25 : −0.25).</summary>
internal static class TinyModel
{
    public const string Text = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        label_index=0
        max_feature_idx=1
        objective=binary sigmoid:1
        feature_names=age price
        feature_infos=[0:100] [0:50]

        Tree=0
        num_leaves=2
        num_cat=0
        split_feature=0
        split_gain=1
        threshold=30
        decision_type=10
        left_child=-1
        right_child=-2
        leaf_value=0.5 -0.5
        leaf_weight=1 1
        leaf_count=1 1
        internal_value=0
        internal_weight=0
        internal_count=2
        is_linear=0
        shrinkage=1


        Tree=1
        num_leaves=2
        num_cat=0
        split_feature=1
        split_gain=1
        threshold=9.5
        decision_type=10
        left_child=-1
        right_child=-2
        leaf_value=0.25 -0.25
        leaf_weight=1 1
        leaf_count=1 1
        internal_value=0
        internal_weight=0
        internal_count=2
        is_linear=0
        shrinkage=1


        end of trees

        feature_importances:
        age=1
        price=1

        parameters:
        [boosting: gbdt]
        end of parameters

        pandas_categorical:null

        """;
}
