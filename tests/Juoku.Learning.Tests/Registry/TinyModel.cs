using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Juoku.Batch.Models;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

/// <summary>Models of one tree over <c>age</c> that differ in a leaf.</summary>
internal static class TinyModel
{
    public static string Text(double leaf = 0.5) => string.Create(CultureInfo.InvariantCulture, $"""
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        label_index=0
        max_feature_idx=0
        objective=binary sigmoid:1
        feature_names=age
        feature_infos=[0:100]

        Tree=0
        num_leaves=2
        num_cat=0
        split_feature=0
        split_gain=1
        threshold=30
        decision_type=10
        left_child=-1
        right_child=-2
        leaf_value={leaf} -0.5
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

        parameters:
        [boosting: gbdt]
        end of parameters

        pandas_categorical:null

        """);

    /// <summary>The files of a model: its text and a report.</summary>
    public static ImmutableArray<ModelUpload> Files(double leaf = 0.5) =>
    [
        new ModelUpload(PinnedModel.ModelFile, Encoding.UTF8.GetBytes(Text(leaf))),
        new ModelUpload("report.html", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<p>{leaf}"))),
    ];
}
