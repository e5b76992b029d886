using System.Text;
using Juoku.Bench.Models;
using Juoku.Bench.Onnx;
using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Tests.Bench;

public sealed class OnnxTreeModelTests
{
    private const int Rows = 1_500;

    [Theory]
    [InlineData("binary")]
    [InlineData("regression")]
    public void Write_OfANumericModel_ScoresWithinFloat32(string objective)
    {
        (float[] rows, ForestModel model) = Train(objective, categories: false);
        using var onnx = new OnnxScorer(OnnxTreeModel.Write(model.Ensemble), SyntheticClicks.FeatureCount);
        var actual = new float[Rows];
        onnx.Score(rows, actual);

        var expected = new double[Rows];
        model.ScoreMatrix(rows.Select(value => (double)value).ToArray(), expected);
        for (int i = 0; i < Rows; i++) Assert.Equal(expected[i], actual[i], 1e-5);
        Assert.True(actual.Distinct().Count() > 100);
    }

    [Fact]
    public void Write_OfTheRowsInSmallBatches_ScoresTheSame()
    {
        (float[] rows, ForestModel model) = Train("binary", categories: false);
        using var onnx = new OnnxScorer(OnnxTreeModel.Write(model.Ensemble), SyntheticClicks.FeatureCount);
        var whole = new float[Rows];
        var parts = new float[Rows];
        onnx.Score(rows, whole);
        for (int i = 0; i < Rows; i += 100) onnx.Score(rows.AsMemory(i * SyntheticClicks.FeatureCount, 100 * SyntheticClicks.FeatureCount), parts.AsMemory(i, 100));

        for (int i = 0; i < Rows; i++) Assert.Equal(whole[i], parts[i], 1e-6f);
    }

    [Fact]
    public void Write_OfACategoricalModel_IsRefusedByName()
    {
        (_, ForestModel model) = Train("binary", categories: true);
        Assert.Contains("Categorical", Assert.Throws<NotSupportedException>(() => OnnxTreeModel.Write(model.Ensemble)).Message);
    }

    private static (float[] Rows, ForestModel Model) Train(string objective, bool categories)
    {
        (float[][] columns, float[] clicks) = SyntheticClicks.Labelled(Rows, seed: 1, categories);
        float[] rows = SyntheticClicks.ToRows(columns);
        var parameters = new Parameters { ["objective"] = objective, ["num_leaves"] = 15, ["min_data_per_group"] = 5, ["num_threads"] = 1 };
        using Dataset data = Dataset.Create<float>(rows, SyntheticClicks.FeatureCount, clicks, new DatasetOptions
        {
            CategoricalFeatures = categories ? SyntheticClicks.CategoricalFeatures : [],
            Parameters = parameters,
        });
        using Booster booster = Booster.Train(data, parameters, 20, cancel: TestContext.Current.CancellationToken);
        return (rows, ForestModel.Parse(Encoding.UTF8.GetBytes(booster.ToModelText())));
    }
}
