using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Tests.LightGbm;

public sealed class BoosterTrainingTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3_000, 200_000)]
    [InlineData(1_000, 200_000)]
    [InlineData(64, 500)]
    public void CreateEmpty_ThenPush_TrainsTheModelOfTheWholeMatrix(int piece, int sampled)
    {
        TrainingRows rows = TrainingRows.Make(3_000, seed: 1);
        DatasetOptions options = TrainingRows.Options;
        options.Parameters["bin_construct_sample_cnt"] = sampled;
        using Dataset matrix = Dataset.Create<double>(rows.Values, TrainingRows.Features, rows.Labels, options);
        using Dataset streamed = rows.Streamed(piece, options);

        Assert.Equal(Train(matrix, 10), Train(streamed, 10));
    }

    [Fact]
    public void Push_OfFloats_EqualsThatOfDoublesOfTheSameValue()
    {
        TrainingRows rows = TrainingRows.Make(500, seed: 2);
        double[] rounded = [.. rows.Values.Select(value => (double)(float)value)];
        using Dataset doubles = (rows with { Values = rounded }).Streamed(500, TrainingRows.Options);
        BinningSample sample = BinningSample.Draw(500, TrainingRows.Features, TrainingRows.Binary());
        foreach (int row in sample.Rows) sample.Add((rows with { Values = rounded }).Row(row));
        using Dataset floats = Dataset.CreateEmpty(sample, TrainingRows.Options);
        floats.SetLabels(rows.Labels);
        floats.Push<float>(rows.Values.Select(value => (float)value).ToArray(), 0);

        Assert.Equal(Train(doubles, 5), Train(floats, 5));
    }

    [Fact]
    public void Weights_OfWholeNumbers_EqualDuplicatedRows()
    {
        TrainingRows rows = TrainingRows.Make(2_000, seed: 3);
        var copies = new List<double>();
        var labels = new List<float>();
        for (int i = 0; i < rows.Count; i++)
        {
            for (int copy = 0; copy < rows.Weights[i]; copy++)
            {
                copies.AddRange(rows.Row(i));
                labels.Add(rows.Labels[i]);
            }
        }

        // Bins come from counted rows and leaf sizes count rows: fewer values than bins, and a hessian in place of a count, leave the weights alone.
        for (int i = 0; i < rows.Values.Length; i++) rows.Values[i] = Math.Round(rows.Values[i], 1);
        for (int i = 0; i < copies.Count; i++) copies[i] = Math.Round(copies[i], 1);
        Parameters parameters = TrainingRows.Binary();
        parameters["min_data_in_leaf"] = 1;
        parameters["min_data_in_bin"] = 1;
        parameters["min_sum_hessian_in_leaf"] = 20;
        parameters["cat_smooth"] = 0;
        parameters["min_data_per_group"] = 1;
        var options = new DatasetOptions { Parameters = parameters };
        using Dataset weighted = Dataset.Create<double>(rows.Values, TrainingRows.Features, rows.Labels, options with { Weights = rows.Weights });
        using Dataset duplicated = Dataset.Create<double>([.. copies], TrainingRows.Features, [.. labels], options);
        using Booster a = Booster.Train(weighted, parameters, 20, cancel: Cancel);
        using Booster b = Booster.Train(duplicated, parameters, 20, cancel: Cancel);

        double[] one = Raw(a, rows.Values), other = Raw(b, rows.Values);
        for (int i = 0; i < one.Length; i++) Assert.Equal(one[i], other[i], 1e-6);
    }

    [Fact]
    public void Threads_OneOrTwo_GiveTheSameBytes()
    {
        TrainingRows rows = TrainingRows.Make(5_000, seed: 4);
        using Dataset data = rows.Matrix();
        string one = OnThreads(1, () => Train(data, 20));
        string two = OnThreads(2, () => Train(data, 20));

        Assert.Equal(one, two);
    }

    [Fact]
    public void Measure_AfterAnIteration_IsTheLogLossOfThePredictions()
    {
        TrainingRows train = TrainingRows.Make(2_000, seed: 5), valid = TrainingRows.Make(500, seed: 6);
        using Dataset data = train.Matrix();
        using Dataset held = data.CreateEmptyLike(valid.Count);
        valid.Fill(held, 100);
        Parameters parameters = TrainingRows.Binary();
        parameters["metric"] = "binary_logloss,auc";
        using Booster booster = Booster.Begin(data, parameters);
        booster.AddValidation(held);
        for (int i = 0; i < 5; i++) Assert.True(booster.Update());

        var predictions = new double[valid.Count];
        booster.Predict<double>(valid.Values, predictions);
        double loss = -predictions.Select((p, i) => valid.Labels[i] == 1 ? Math.Log(p) : Math.Log(1 - p)).Average();
        Assert.Equal(["binary_logloss", "auc"], booster.Metrics());
        Assert.Equal(loss, booster.Measure(1)[0], 1e-6);
        Assert.InRange(booster.Measure(1)[1], 0.6, 1);
    }

    [Fact]
    public void Begin_WithAParent_ContinuesWhereItEnded()
    {
        TrainingRows rows = TrainingRows.Make(2_000, seed: 7);
        using Dataset data = rows.Matrix();
        using Booster whole = Booster.Train(data, TrainingRows.Binary(), 20, cancel: Cancel);
        using Booster parent = Booster.Parse(whole.ToModelText(iterations: 12));
        using Dataset again = rows.Matrix();
        again.SetInitialScores(Raw(parent, rows.Values));
        using Booster child = Booster.Begin(again, TrainingRows.Binary(), parent);
        for (int i = 0; i < 8; i++) Assert.True(child.Update());

        Assert.Equal(12, parent.TreeCount);
        Assert.Equal(20, child.TreeCount);
        double[] expected = Raw(whole, rows.Values), continued = Raw(child, rows.Values);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], continued[i], 1e-6);
    }

    [Fact]
    public void Importance_OfNoise_IsTheLeast()
    {
        TrainingRows rows = TrainingRows.Make(3_000, seed: 8);
        using Dataset data = rows.Matrix();
        using Booster booster = Booster.Train(data, TrainingRows.Binary(), 10, cancel: Cancel);
        ForestModel model = ForestModel.Parse(System.Text.Encoding.UTF8.GetBytes(booster.ToModelText()));
        int splits = model.Ensemble.Trees.Sum(tree => tree.Decisions.Length);

        Assert.Equal(splits, booster.Importance(ImportanceKind.Splits).Sum());
        Assert.Equal(3, booster.Importance(ImportanceKind.Gain).IndexOf(booster.Importance(ImportanceKind.Gain).Min()));
    }

    [Fact]
    public void Sample_WithRowsMissing_IsRefused()
    {
        BinningSample sample = BinningSample.Draw(10, 2, []);
        sample.Add([1, 2]);
        Assert.Equal(10, sample.Rows.Length);
        Assert.Throws<InvalidOperationException>(() => Dataset.CreateEmpty(sample, new DatasetOptions()));
        Assert.Throws<ArgumentException>(() => sample.Add([1]));
    }

    [Fact]
    public void Listen_WhileLightGbmWarns_GetsTheLine()
    {
        var lines = new List<string>();
        TrainingRows rows = TrainingRows.Make(50, seed: 9);
        using (LightGbmLog.Listen(lines.Add))
        {
            using Dataset data = Dataset.Create<double>(rows.Values, TrainingRows.Features, rows.Labels, new DatasetOptions { Parameters = new Parameters { ["num_leavs"] = 3, ["verbosity"] = 0 } });
        }

        Assert.Contains(lines, line => line.StartsWith("Warning: Unknown parameter: num_leavs", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("learning_rate", "learning_rate")]
    [InlineData("eta", "learning_rate")]
    [InlineData("num_leavs", null)]
    [InlineData("device", "device_type")]
    public void MainNameOf_ANameOrAlias_IsWhatLightGbmCallsIt(string name, string? expected) => Assert.Equal(expected, ParameterNames.MainNameOf(name));

    private static string OnThreads(int threads, Func<string> work)
    {
        using (LightGbmThreads.Limit(threads)) return work();
    }

    private static string Train(Dataset data, int iterations)
    {
        using Booster booster = Booster.Train(data, TrainingRows.Binary(), iterations, cancel: Cancel);
        return booster.ToModelText();
    }

    private static double[] Raw(Booster booster, double[] values)
    {
        var scores = new double[values.Length / TrainingRows.Features];
        booster.Predict<double>(values, scores, ScoreKind.Raw);
        return scores;
    }
}
