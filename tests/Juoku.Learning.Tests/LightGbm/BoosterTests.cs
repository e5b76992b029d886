using System.Runtime.InteropServices;
using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Tests.LightGbm;

public sealed class BoosterTests
{
    private const int Features = 4;

    private static readonly Parameters Binary = new()
    {
        ["objective"] = "binary",
        ["num_leaves"] = 7,
        ["min_data_in_leaf"] = 5,
        ["num_threads"] = 1,
        ["deterministic"] = true,
    };

    [Fact]
    public void Train_SaveAndLoad_PredictsTheSameBits()
    {
        (double[] rows, float[] labels) = Rows(500, seed: 1);
        using Booster trained = Train(rows, labels, 20);
        string path = Path.Combine(Path.GetTempPath(), $"juoku-{Guid.NewGuid():n}.txt");
        try
        {
            trained.Save(path);
            using Booster loaded = Booster.Load(path);
            using Booster parsed = Booster.Parse(trained.ToModelText());

            double[] expected = Raw(trained, rows);
            Assert.Equal(20, trained.TreeCount);
            Assert.Equal(expected, Raw(loaded, rows));
            Assert.Equal(expected, Raw(parsed, rows));
            Assert.True(expected.Distinct().Count() > 20);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Train_OnAModelWithRoomToLearn_SeparatesTheLabels()
    {
        (double[] rows, float[] labels) = Rows(2000, seed: 2);
        using Booster trained = Train(rows, labels, 50);

        double[] scores = Raw(trained, rows);
        double positive = scores.Where((_, i) => labels[i] == 1).Average();
        double negative = scores.Where((_, i) => labels[i] == 0).Average();
        Assert.True(positive > negative + 1, $"{positive} against {negative}");
    }

    [Fact]
    public void Predict_OfRawScores_IsWhatTheScalarDefinitionSays()
    {
        (double[] rows, float[] labels) = Rows(500, seed: 3);
        using Booster trained = Train(rows, labels, 20);
        ForestModel model = ForestModel.Parse(System.Text.Encoding.UTF8.GetBytes(trained.ToModelText()));

        var expected = new double[500];
        model.ScoreMatrix(rows, expected, ScoreKind.Raw);
        Assert.Equal(expected, Raw(trained, rows));
    }

    [Fact]
    public void Predict_OfPredictions_IsTheSigmoidOfRawScores()
    {
        (double[] rows, float[] labels) = Rows(200, seed: 4);
        using Booster trained = Train(rows, labels, 5);
        var predictions = new double[200];
        trained.Predict<double>(rows, predictions);

        double[] raw = Raw(trained, rows);
        for (int i = 0; i < raw.Length; i++) Assert.Equal(1 / (1 + Math.Exp(-raw[i])), predictions[i], 1e-15);
    }

    [Fact]
    public void Predict_OfFloatsAndOfColumns_EqualsThatOfDoubleRows()
    {
        (double[] rows, float[] labels) = Rows(300, seed: 5);
        using Booster trained = Train(rows, labels, 10);
        double[] rounded = [.. rows.Select(v => (double)(float)v)];
        double[] columns = Transposed(rounded);
        var fromFloats = new double[300];
        var fromColumns = new double[300];
        trained.Predict<float>(rounded.Select(v => (float)v).ToArray(), fromFloats, ScoreKind.Raw);
        trained.Predict<double>(columns, fromColumns, ScoreKind.Raw, layout: MatrixLayout.ColumnMajor);

        Assert.Equal(Raw(trained, rounded), fromFloats);
        Assert.Equal(fromFloats, fromColumns);
    }

    [Fact]
    public void Dataset_OfColumns_TrainsTheSameModelAsRows()
    {
        (double[] rows, float[] labels) = Rows(400, seed: 6);
        using Booster byRows = Train(rows, labels, 5);
        using Dataset columns = Dataset.Create<double>(Transposed(rows), Features, labels, new DatasetOptions { Layout = MatrixLayout.ColumnMajor });
        using Booster byColumns = TrainOn(columns, Binary, 5);

        Assert.Equal(byRows.ToModelText(), byColumns.ToModelText());
    }

    [Fact]
    public void RowScorer_OverEveryRow_EqualsTheMatrix()
    {
        (double[] rows, float[] labels) = Rows(100, seed: 7);
        using Booster trained = Train(rows, labels, 10);
        using RowScorer scorer = trained.CreateRowScorer(ScoreKind.Raw);

        double[] expected = Raw(trained, rows);
        for (int i = 0; i < 100; i++) Assert.Equal(expected[i], scorer.Score(rows.AsSpan(i * Features, Features)));
    }

    [Fact]
    public void RowScorer_OfAMulticlassModel_GivesEveryClass()
    {
        (double[] rows, _) = Rows(300, seed: 8);
        float[] labels = [.. Enumerable.Range(0, 300).Select(i => (float)(rows[i * Features] < -0.4 ? 0 : rows[i * Features] < 0.4 ? 1 : 2))];
        Parameters multiclass = Binary.Copy();
        multiclass["objective"] = "multiclass";
        multiclass["num_class"] = 3;
        using Dataset data = Dataset.Create<double>(rows, Features, labels);
        using Booster trained = TrainOn(data, multiclass, 4);
        using RowScorer scorer = trained.CreateRowScorer();
        var all = new double[900];
        var one = new double[3];
        trained.Predict<double>(rows, all);
        scorer.Score(rows.AsSpan(0, Features), one);

        Assert.Equal(3, trained.OutputCount);
        Assert.Equal(12, trained.TreeCount);
        Assert.Equal(all[..3], one);
        Assert.Equal(1, one.Sum(), 1e-12);
    }

    [Fact]
    public void Dataset_WithACategoricalFeature_MakesCategoricalSplits()
    {
        (double[] rows, _) = Rows(1000, seed: 9);
        for (int i = 0; i < 1000; i++) rows[i * Features] = i * 7919 % 20;
        float[] labels = [.. Enumerable.Range(0, 1000).Select(i => (float)((int)rows[i * Features] % 3 == 0 ? 1 : 0))];
        using Dataset data = Dataset.Create<double>(rows, Features, labels, new DatasetOptions { CategoricalFeatures = [0], FeatureNames = ["site", "b", "c", "d"] });
        using Booster trained = TrainOn(data, Binary, 10);

        ForestModel model = ForestModel.Parse(System.Text.Encoding.UTF8.GetBytes(trained.ToModelText()));
        Assert.Contains(model.Ensemble.Trees, tree => tree.Decisions.Any(d => d.IsCategorical));
        Assert.Equal(["site", "b", "c", "d"], model.FeatureNames);
    }

    [Fact]
    public void Dataset_WithWeights_LeansTowardsTheHeavyRows()
    {
        (double[] rows, float[] labels) = Rows(500, seed: 10);
        using Booster plain = Train(rows, labels, 1);
        using Dataset heavy = Dataset.Create<double>(rows, Features, labels, new DatasetOptions { Weights = labels.Select(l => l == 1 ? 100f : 1f).ToArray() });
        using Booster weighted = TrainOn(heavy, Binary, 1);

        Assert.True(Raw(weighted, rows).Average() > Raw(plain, rows).Average() + 1);
    }

    [Fact]
    public void Train_WhenCancelled_Stops()
    {
        (double[] rows, float[] labels) = Rows(100, seed: 11);
        using Dataset data = Dataset.Create<double>(rows, Features, labels);
        using var cancel = new CancellationTokenSource();
        var progress = new CancelAt(3, cancel);

        Assert.Throws<OperationCanceledException>(() => Booster.Train(data, Binary, 10, progress, cancel.Token));
        Assert.Equal(3, progress.Last);
    }

    [Fact]
    public void Load_OfAMissingFile_NamesTheCallAndTheFile()
    {
        var error = Assert.Throws<LightGbmException>(() => Booster.Load("/nowhere/model.txt"));
        Assert.Equal("LGBM_BoosterCreateFromModelfile", error.Call);
        Assert.Contains("/nowhere/model.txt", error.Message);
    }

    [Fact]
    public void Train_WithAnUnknownObjective_SaysSo()
    {
        (double[] rows, float[] labels) = Rows(50, seed: 12);
        using Dataset data = Dataset.Create<double>(rows, Features, labels);
        var error = Assert.Throws<LightGbmException>(() => TrainOn(data, new Parameters { ["objective"] = "clicks" }, 1));
        Assert.Equal("LGBM_BoosterCreate", error.Call);
        Assert.Contains("clicks", error.Reason);
    }

    [Fact]
    public void Lengths_ThatDoNotFit_AreRefusedBeforeTheNativeCall()
    {
        (double[] rows, float[] labels) = Rows(50, seed: 13);
        Assert.Throws<ArgumentException>(() => Dataset.Create<double>(rows.AsSpan(1), Features, labels));
        Assert.Throws<ArgumentException>(() => Dataset.Create<double>(rows, Features, labels.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => Dataset.Create<double>(rows, Features, labels, new DatasetOptions { CategoricalFeatures = [Features] }));
        Assert.Throws<ArgumentException>(() => Dataset.Create<double>(rows, Features, labels, new DatasetOptions { FeatureNames = ["only"] }));
        using Booster trained = Train(rows, labels, 1);
        Assert.Throws<ArgumentException>(() => trained.Predict<double>(rows, new double[49]));
        Assert.Throws<NotSupportedException>(() => trained.Predict<int>(new int[Features], new double[1]));
        using RowScorer scorer = trained.CreateRowScorer();
        Assert.Throws<ArgumentException>(() => scorer.Score(rows.AsSpan(0, Features - 1)));
    }

    [Fact]
    public void Parameters_WithSpacesInAValue_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new Parameters { ["objective"] = "binary num_leaves=3" });
        Assert.Equal("verbosity=-1 learning_rate=0.1 deterministic=true", new Parameters { ["learning_rate"] = 0.1, ["deterministic"] = true }.ToString());
    }

    [Theory]
    [InlineData(Architecture.Arm64, "", "x64 only")]
    [InlineData(Architecture.X64, "libgomp.so.1: cannot open shared object file", "apt-get install libgomp1")]
    [InlineData(Architecture.X64, "invalid ELF header\nmore", "invalid ELF header")]
    public void Explain_OfALibraryThatDoesNotLoad_SaysWhatToDo(Architecture architecture, string loader, string expected) =>
        Assert.Contains(expected, LightGbmLibrary.Explain(architecture, loader));

    private static Booster Train(double[] rows, float[] labels, int iterations)
    {
        using Dataset data = Dataset.Create<double>(rows, Features, labels);
        return TrainOn(data, Binary, iterations);
    }

    private static Booster TrainOn(Dataset data, Parameters parameters, int iterations) =>
        Booster.Train(data, parameters, iterations, cancel: TestContext.Current.CancellationToken);

    private static double[] Raw(Booster booster, double[] rows)
    {
        var scores = new double[rows.Length / Features * booster.OutputCount];
        booster.Predict<double>(rows, scores, ScoreKind.Raw);
        return scores;
    }

    private static (double[] Rows, float[] Labels) Rows(int count, int seed)
    {
        var random = new Random(seed);
        var rows = new double[count * Features];
        var labels = new float[count];
        for (int i = 0; i < count; i++)
        {
            for (int f = 0; f < Features; f++) rows[i * Features + f] = random.NextDouble() < 0.05 ? double.NaN : random.NextDouble() * 2 - 1;
            double signal = rows[i * Features] + rows[i * Features + 1] * rows[i * Features + 2];
            labels[i] = (double.IsNaN(signal) ? 0 : signal) > 0.1 ? 1 : 0;
        }

        return (rows, labels);
    }

    private static double[] Transposed(double[] rows)
    {
        int count = rows.Length / Features;
        var columns = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++) columns[i % Features * count + i / Features] = rows[i];
        return columns;
    }

    private sealed class CancelAt(int iteration, CancellationTokenSource source) : IProgress<int>
    {
        public int Last { get; private set; }

        public void Report(int value)
        {
            Last = value;
            if (value == iteration) source.Cancel();
        }
    }
}
