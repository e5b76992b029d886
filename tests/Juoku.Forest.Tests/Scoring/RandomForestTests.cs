using System.Text;
using Juoku.Forest.Reading;
using Juoku.Learning.LightGbm;

namespace Juoku.Forest.Tests.Scoring;

/// <summary>
/// Random models of every shape, with rows on and around their thresholds: raw scores equal LightGBM's own to the last bit, on every
/// kernel, for every column type and every length of a last block. A category beyond 32 bits is undefined in LightGBM's C++;
/// the reference is what it does on x64, where such a value belongs to no category.
/// </summary>
public sealed class RandomForestTests
{
    private const int MostRows = 5000;

    private static readonly int[] RowCounts = [1, 7, 63, 64, 65, 255, 256, 257, 511, 512, 513, 1000, 2049, MostRows];

    private static readonly Dictionary<string, ForestShape> Shapes = new()
    {
        ["numeric"] = new(),
        ["four leaves"] = new() { Leaves = 4, Trees = 60 },
        ["two leaves"] = new() { Leaves = 2, Trees = 60 },
        ["stumps"] = new() { HasStumps = true },
        ["one leaf"] = new() { Leaves = 1, Trees = 3 },
        ["one feature"] = new() { Features = 1, Trees = 50 },
        ["many features"] = new() { Features = 300, Leaves = 63 },
        ["300 thresholds"] = new() { Features = 3, Thresholds = 300, Leaves = 255, Trees = 10 },
        ["4095 thresholds"] = new() { Features = 1, Thresholds = 4095, Leaves = 4096, Trees = 3 },
        ["70000 thresholds"] = new() { Features = 1, Thresholds = 90_000, Leaves = 4096, Trees = 40 },
        ["64 leaves"] = new() { Leaves = 64 },
        ["65 leaves"] = new() { Leaves = 65 },
        ["255 leaves"] = new() { Leaves = 255, Trees = 10 },
        ["256 leaves"] = new() { Leaves = 256, Trees = 10 },
        ["257 leaves"] = new() { Leaves = 257, Trees = 10 },
        ["300 leaves"] = new() { Leaves = 300, Trees = 10 },
        ["4096 leaves"] = new() { Leaves = 4096, Trees = 3 },
        ["depth 60"] = new() { Leaves = 61, IsChain = true },
        ["depth 999"] = new() { Leaves = 1000, IsChain = true, Trees = 3 },
        ["categorical"] = new() { Categorical = 6 },
        ["all categorical"] = new() { Categorical = 12, Categories = 200 },
        ["5000 categories"] = new() { Categorical = 4, Categories = 5000 },
        ["100000 categories"] = new() { Categorical = 2, Categories = 100_000, Leaves = 8, Trees = 5 },
        ["categorical, 300 leaves"] = new() { Categorical = 6, Leaves = 300, Trees = 5, Categories = 300 },
        ["categorical chain"] = new() { Categorical = 6, Leaves = 61, IsChain = true },
        ["mixed kinds"] = new() { MixesKinds = true },
        ["renumbered"] = new() { IsRenumbered = true, Categorical = 3 },
        ["linear"] = new() { IsLinear = true },
        ["linear, one leaf"] = new() { IsLinear = true, Leaves = 1, Trees = 3 },
        ["linear, categorical"] = new() { IsLinear = true, Categorical = 5, HasStumps = true },
        ["linear, 300 leaves"] = new() { IsLinear = true, Leaves = 300, Trees = 4 },
        ["multiclass"] = new() { Outputs = 4, Objective = "objective=multiclass num_class:4\n" },
        ["one against all"] = new() { Outputs = 3, Categorical = 3, Objective = "objective=multiclassova num_class:3 sigmoid:0.7\n" },
        ["multiclass linear"] = new() { Outputs = 2, IsLinear = true, Objective = "objective=multiclass num_class:2\n" },
        ["no objective"] = new() { Objective = "" },
        ["averaged"] = new() { Objective = "objective=binary sigmoid:1.5\naverage_output\n" },
    };

    public static TheoryData<string> Cases => [.. Shapes.Keys];

    public static TheoryData<string, string> CasesOnKernels => KernelUnderTest.Times(Shapes.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Definition_RandomForest_EqualsLightGbm(string name)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            (byte[] model, double[] rows, double[] expected) = Make(name, seed, 1000);
            Agreement.SameBits(expected, Agreement.Definition(ModelReader.Read(model, name), rows), $"{name}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_RandomForestAsDoubles_EqualsLightGbmForEveryRowCount(string name, string kernel)
    {
        (byte[] text, double[] rows, double[] expected) = Make(name, seed: 4, MostRows);
        ForestModel model = KernelUnderTest.Parse(text, kernel);
        foreach (int count in RowCounts)
        {
            double[] scores = new double[count * model.OutputCount];
            model.Score(Columns.Doubles(rows.AsSpan(0, count * model.FeatureCount), model.FeatureCount), scores, ScoreKind.Raw);
            Agreement.SameBits(expected.AsSpan(0, scores.Length), scores, $"{name}, {count} rows");
        }
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_RandomForestAsFloats_EqualsLightGbmOnFloats(string name, string kernel)
    {
        var forest = new RandomForest(Shapes[name], seed: 5);
        string text = forest.Write();
        ForestModel model = KernelUnderTest.Parse(Encoding.UTF8.GetBytes(text), kernel);
        float[] rows = Array.ConvertAll(forest.Rows(1000), value => (float)value);
        double[] expected = new double[1000 * model.OutputCount];
        using (var booster = Booster.Parse(text)) booster.Predict<float>(rows, expected, ScoreKind.Raw);
        var columns = new Column[model.FeatureCount];
        for (int f = 0; f < columns.Length; f++) columns[f] = Column.Of(Enumerable.Range(0, 1000).Select(i => rows[(i * columns.Length) + f]).ToArray());
        double[] scores = new double[expected.Length];
        model.Score(columns, scores, ScoreKind.Raw);
        Agreement.SameBits(expected, scores, name);
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_RandomForestAsIntegersAndBooleans_EqualsLightGbm(string name, string kernel)
    {
        var forest = new RandomForest(Shapes[name], seed: 6);
        string text = forest.Write();
        ForestModel model = KernelUnderTest.Parse(Encoding.UTF8.GetBytes(text), kernel);
        int features = model.FeatureCount;
        double[] rows = forest.Rows(777);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = (i % features % 3) switch
            {
                0 => double.IsNaN(rows[i]) ? rows[i] : Math.Clamp(Math.Round(rows[i]), int.MinValue, int.MaxValue) + 0.0,
                1 => double.IsNaN(rows[i]) ? rows[i] : Math.Clamp(Math.Round(rows[i]), -(1L << 52), 1L << 52) + 0.0,
                _ => rows[i] > 0 ? 1 : 0,
            };
        }

        double[] expected = LightGbmScores(text, rows, model.OutputCount, features);
        double[] scores = new double[expected.Length];
        model.Score(Columns.Narrowest(rows, features), scores, ScoreKind.Raw);
        Agreement.SameBits(expected, scores, name);
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void ScoreMatrixAndScoreRow_RandomForest_EqualLightGbm(string name, string kernel)
    {
        (byte[] text, double[] rows, double[] expected) = Make(name, seed: 7, 600);
        ForestModel model = KernelUnderTest.Parse(text, kernel);
        double[] scores = new double[expected.Length];
        model.ScoreMatrix(rows, scores, ScoreKind.Raw);
        Agreement.SameBits(expected, scores, name);
        if (model.OutputCount > 1) return;
        for (int i = 0; i < 50; i++) scores[i] = model.ScoreRow(rows.AsSpan(i * model.FeatureCount, model.FeatureCount), ScoreKind.Raw);
        Agreement.SameBits(expected, scores, name);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Score_RandomForest_PredictsAsLightGbm(string name)
    {
        (byte[] text, double[] rows, double[] expected) = Make(name, seed: 8, 500, ScoreKind.Prediction);
        var model = ForestModel.Parse(text);
        double[] scores = new double[expected.Length];
        model.Score(Columns.Doubles(rows, model.FeatureCount), scores);
        Agreement.Near(expected, scores, 1e-15, name);
    }

    private static (byte[] Model, double[] Rows, double[] Scores) Make(string name, int seed, int count, ScoreKind kind = ScoreKind.Raw)
    {
        ForestShape shape = Shapes[name];
        var forest = new RandomForest(shape, seed);
        string text = forest.Write();
        double[] rows = forest.Rows(count);
        return (Encoding.UTF8.GetBytes(text), rows, LightGbmScores(text, rows, shape.Outputs, shape.Features, kind));
    }

    private static double[] LightGbmScores(string text, double[] rows, int outputs, int features, ScoreKind kind = ScoreKind.Raw)
    {
        using var booster = Booster.Parse(text);
        double[] scores = new double[rows.Length / features * outputs];
        booster.Predict<double>(rows, scores, kind);
        return scores;
    }
}
