using System.Text;
using Juoku.Forest.Reading;

namespace Juoku.Forest.Tests.Reading;

public sealed class CategoryMapTests
{
    private static readonly string Text = new RandomForest(new ForestShape { Features = 4, Trees = 1, Leaves = 3 }, seed: 1).Write();

    private static Ensemble Read(string infos, string parameters, string maps) => ModelReader.Read(
        Encoding.UTF8.GetBytes(Text
            .Replace("none none none none", infos, StringComparison.Ordinal)
            .Replace("parameters:\n", $"parameters:\n{parameters}", StringComparison.Ordinal) + $"\npandas_categorical:{maps}\n"),
        "model.txt");

    [Fact]
    public void Read_CategoricalFeaturesInParameters_OwnTheMaps()
    {
        // Feature 3 has one category, hence no split and no info; only the parameters know that it is categorical.
        Ensemble model = Read("none 1:0 none none", "[categorical_feature: 1,3]\n", """[["a", "b"], ["x"]]""");
        Assert.Equal(["a", "b"], model.CategoryMapOf(1)!.Values);
        Assert.Equal(["x"], model.CategoryMapOf(3)!.Values);
        Assert.Null(model.CategoryMapOf(0));
        Assert.Equal(2, model.CategoryMaps.Length);
    }

    [Fact]
    public void Read_NoParameters_FeaturesWithCategoriesOwnTheMaps()
    {
        Ensemble model = Read("[0:1] -1:1:0 none 0:2:1", "", """[["a", "b"], ["x", "y", "z"]]""");
        Assert.Equal(["a", "b"], model.CategoryMapOf(1)!.Values);
        Assert.Equal(["x", "y", "z"], model.CategoryMapOf(3)!.Values);
    }

    [Theory]
    [InlineData("none 1:0 none none", "")]
    [InlineData("none 1:0 none 7:1", "[categorical_feature: 1,3]\n")]
    [InlineData("none 1:0 none none", "[categorical_feature: name:f1,f3]\n")]
    public void Read_MapsThatFitNoFeatures_BelongToNone(string infos, string parameters)
    {
        Ensemble model = Read(infos, parameters, """[["a", "b"], ["x"]]""");
        Assert.Equal(2, model.CategoryMaps.Length);
        Assert.All(model.CategoryMaps, map => Assert.Null(map.Feature));
        Assert.Null(model.CategoryMapOf(1));
    }

    [Fact]
    public void Read_Values_AreTextInShortestForm()
    {
        Ensemble model = Read("none 1:0 none none", "", """[["a b", "\u00e9", 3, -12345678901234567890, 1.0, 2.50, 1e3, true, false, ""]]""");
        Assert.Equal(["a b", "é", "3", "-12345678901234567890", "1", "2.5", "1000", "true", "false", ""], model.CategoryMapOf(1)!.Values);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public void Read_NoMaps_IsEmpty(string maps) => Assert.Empty(Read("none 1:0 none none", "", maps).CategoryMaps);

    [Theory]
    [InlineData("[[\"a\", \"b\"")]
    [InlineData("[\"a\"]")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[[null]]")]
    [InlineData("[[[1]]]")]
    [InlineData("[[NaN]]")]
    [InlineData("[] []")]
    [InlineData("nul")]
    public void Read_BrokenMaps_AreRefused(string maps)
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => Read("none none none none", "", maps));
        Assert.Contains("pandas_categorical", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.Line > 20);
    }
}
