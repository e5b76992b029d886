using System.Security.Cryptography;
using System.Text;

namespace Juoku.Forest.Tests.Scoring;

public sealed class ForestModelTests
{
    private const int Rows = 1100;

    private static readonly Dictionary<string, ForestShape> Shapes = new()
    {
        ["numeric"] = new() { Objective = "objective=binary sigmoid:1\n" },
        ["categorical"] = new() { Categorical = 6, Objective = "objective=binary sigmoid:0.5\n" },
        ["linear"] = new() { IsLinear = true },
        ["300 leaves"] = new() { Leaves = 300, Trees = 5 },
        ["multiclass"] = new() { Outputs = 3, Objective = "objective=multiclass num_class:3\n" },
    };

    public static TheoryData<string, string> CasesOnKernels => KernelUnderTest.Times(Shapes.Keys);

    private static (ForestModel Model, double[] Rows) Make(string name, string kernel)
    {
        var forest = new RandomForest(Shapes[name], seed: 11);
        return (KernelUnderTest.Parse(Encoding.UTF8.GetBytes(forest.Write()), kernel), forest.Rows(Rows));
    }

    private static ForestModel Model(string name) => ForestModel.Parse(Encoding.UTF8.GetBytes(new RandomForest(Shapes[name], seed: 11).Write()));

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_ColumnsMatrixAndRows_GiveTheSameBits(string name, string kernel)
    {
        (ForestModel model, double[] rows) = Make(name, kernel);
        foreach (ScoreKind kind in Enum.GetValues<ScoreKind>())
        {
            double[] byColumns = new double[Rows * model.OutputCount];
            double[] byMatrix = new double[byColumns.Length];
            model.Score(Columns.Doubles(rows, model.FeatureCount), byColumns, kind);
            model.ScoreMatrix(rows, byMatrix, kind);
            Agreement.SameBits(byColumns, byMatrix, $"{name} {kind}: matrix");
            if (model.OutputCount > 1) continue;
            double[] byRow = new double[200];
            for (int i = 0; i < byRow.Length; i++) byRow[i] = model.ScoreRow(rows.AsSpan(i * model.FeatureCount, model.FeatureCount), kind);
            Agreement.SameBits(byColumns.AsSpan(0, byRow.Length), byRow, $"{name} {kind}: rows");
        }
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_EightThreadsOnOneModel_GiveTheSameBits(string name, string kernel)
    {
        (ForestModel model, double[] rows) = Make(name, kernel);
        Column[] columns = Columns.Doubles(rows, model.FeatureCount);
        double[] expected = new double[Rows * model.OutputCount];
        model.Score(columns, expected);
        var faults = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(number => new Thread(() =>
        {
            try
            {
                double[] scores = new double[expected.Length];
                for (int i = 0; i < 8; i++)
                {
                    scores.AsSpan().Fill(double.NaN);
                    if ((number + i) % 2 == 0) model.Score(columns, scores);
                    else model.ScoreMatrix(rows, scores);
                    Agreement.SameBits(expected, scores, $"{name}, thread {number}");
                }
            }
            catch (Exception fault)
            {
                faults.Enqueue(fault);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(faults);
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_AfterTheFirstCall_AllocatesNothing(string name, string kernel)
    {
        (ForestModel model, double[] rows) = Make(name, kernel);
        Column[] columns = Columns.Doubles(rows, model.FeatureCount);
        double[] scores = new double[Rows * model.OutputCount];
        long taken = long.MaxValue;

        // A first call makes the buffers; tiered compilation may take a little in any of the next.
        for (int i = 0; i < 20 && taken > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            model.Score(columns, scores);
            model.ScoreMatrix(rows, scores);
            if (model.OutputCount == 1) model.ScoreRow(rows.AsSpan(0, model.FeatureCount));
            taken = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, taken);
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_ColumnsWithValidity_TreatNullsAsMissing(string name, string kernel)
    {
        (ForestModel model, double[] rows) = Make(name, kernel);
        byte[] validity = new byte[(Rows + 7) / 8];
        new Random(1).NextBytes(validity);
        double[] masked = [.. rows];
        var columns = new Column[model.FeatureCount];
        for (int f = 0; f < columns.Length; f++)
        {
            double[] values = new double[Rows];
            for (int i = 0; i < Rows; i++)
            {
                int at = (i * columns.Length) + f;
                values[i] = rows[at];
                if ((validity[i / 8] >> (i % 8) & 1) == 0) masked[at] = double.NaN;
            }

            columns[f] = f % 2 == 0 ? Column.Of(values, validity) : Column.Of(Array.ConvertAll(values, value => (float)value), validity);
            if (f % 2 == 1)
                for (int i = 0; i < Rows; i++) masked[(i * columns.Length) + f] = (float)masked[(i * columns.Length) + f];
        }

        double[] scores = new double[Rows * model.OutputCount];
        model.Score(columns, scores, ScoreKind.Raw);
        Agreement.SameBits(Agreement.Definition(model.Ensemble, masked), scores, name);
    }

    [Fact]
    public void Score_NoRows_IsFine()
    {
        ForestModel model = Model("numeric");
        model.Score(Columns.Doubles([], model.FeatureCount), []);
        model.ScoreMatrix([], []);
    }

    [Fact]
    public void Score_WrongArguments_AreNamed()
    {
        ForestModel model = Model("numeric");
        Column[] columns = Columns.Doubles(new double[10 * model.FeatureCount], model.FeatureCount);
        Assert.Contains("12 features, but 11 columns", Assert.Throws<ArgumentException>(() => model.Score(columns[1..], new double[10])).Message, StringComparison.Ordinal);
        Assert.Contains("f0", Assert.Throws<ArgumentException>(() => model.Score(columns, new double[9])).Message, StringComparison.Ordinal);
        Column[] uneven = [.. columns];
        uneven[3] = Column.Of(new float[9]);
        Assert.Contains("f3", Assert.Throws<ArgumentException>(() => model.Score(uneven, new double[10])).Message, StringComparison.Ordinal);
        uneven[3] = default;
        Assert.Contains("f3", Assert.Throws<ArgumentException>(() => model.Score(uneven, new double[10])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoreMatrix_WrongLengths_Throw()
    {
        ForestModel model = Model("numeric");
        Assert.Throws<ArgumentException>(() => model.ScoreMatrix(new double[model.FeatureCount + 1], new double[1]));
        Assert.Throws<ArgumentException>(() => model.ScoreMatrix(new double[model.FeatureCount], new double[2]));
        Assert.Throws<ArgumentException>(() => model.ScoreMatrix(new double[2 * model.FeatureCount], new double[1]));
        Assert.Throws<ArgumentException>(() => model.ScoreRow(new double[model.FeatureCount - 1]));
    }

    [Fact]
    public void ScoreRow_ManyOutputs_Throws()
    {
        ForestModel model = Model("multiclass");
        Assert.ThrowsAny<Exception>(() => model.ScoreRow(new double[model.FeatureCount]));
    }

    [Fact]
    public void Score_UnusedFeature_MayBeAbsent()
    {
        string text = new RandomForest(new ForestShape { Features = 2, Trees = 1, Leaves = 2 }, seed: 1).Write();
        int at = text.IndexOf("split_feature=", StringComparison.Ordinal);
        var model = ForestModel.Parse(Encoding.UTF8.GetBytes(text[..at] + "split_feature=1" + text[(at + "split_feature=1".Length)..]));
        Assert.False(model.Uses(0));
        Assert.True(model.Uses(1));
        double[] scores = new double[2];
        model.Score([default, Column.Of(new double[] { -1e9, 1e9 })], scores, ScoreKind.Raw);
        Agreement.SameBits(Agreement.Definition(model.Ensemble, [0, -1e9, 0, 1e9]), scores, "absent");
    }

    [Fact]
    public void Parse_Model_HasTheDigestOfItsText()
    {
        byte[] text = Encoding.UTF8.GetBytes(new RandomForest(Shapes["numeric"], seed: 11).Write());
        var model = ForestModel.Parse(text);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(text)), model.Digest);
        Assert.Equal((12, 1), (model.FeatureCount, model.OutputCount));
    }

    [Fact]
    public void Load_File_NamesItInErrors()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("broken.txt");
        File.WriteAllText(path, "tree\nversion=v9\n");
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => ForestModel.Load(path));
        Assert.Contains("broken.txt", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Column_ShortValidity_Throws() =>
        Assert.Contains("2 bytes", Assert.Throws<ArgumentException>(() => Column.Of(new float[9], new byte[1])).Message, StringComparison.Ordinal);
}
