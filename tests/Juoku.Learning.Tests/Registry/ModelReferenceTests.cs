using CsCheck;
using Juoku.Batch.Predicting;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

public sealed class ModelReferenceTests
{
    [Theory]
    [InlineData("ctr", "ctr@champion")]
    [InlineData("ctr@canary", "ctr@canary")]
    [InlineData("ctr-v2/12", "ctr-v2/12")]
    public void Parse_WhatNamesAModel_ReadsBack(string text, string expected) => Assert.Equal(expected, ModelReference.Parse(text).ToString());

    [Theory]
    [InlineData("model.txt")]
    [InlineData("./ctr")]
    [InlineData("ctr/0")]
    [InlineData("ctr/01")]
    [InlineData("ctr/1/2")]
    [InlineData("ctr/latest")]
    [InlineData("ctr/99999999999")]
    [InlineData("ctr@")]
    [InlineData("ctr@1")]
    [InlineData("CTR")]
    [InlineData("-ctr")]
    [InlineData("ctr\n")]
    [InlineData("")]
    public void Parse_AnythingElse_IsRefused(string text)
    {
        Assert.Null(ModelReference.TryParse(text));
        Assert.Throws<UsageException>(() => ModelReference.Parse(text));
    }

    [Fact]
    public void Parse_AnyText_ReadsBackOrIsNone() => Gen.String[Gen.Char["ctr1209@/-._A\n "], 0, 12].Sample(text =>
    {
        ModelReference? reference = ModelReference.TryParse(text);
        return reference is null || reference.ToString() == text || reference.ToString() == text + "@champion";
    });
}
