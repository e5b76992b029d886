using System.Text;
using Juoku.Forest.Reading;

namespace Juoku.Forest.Tests.Reading;

/// <summary>
/// Broken model texts by the thousand, seeded: each is either refused with a <see cref="ModelFormatException"/>, or read as an ensemble that scores without a
/// fault and alike on the quickest kernel. Nothing else may be thrown, nothing hangs, and no count in the text makes the reader take memory for it.
/// </summary>
public sealed class ModelFuzzTests
{
    private const int Cases = 2500;

    private static readonly string[] Values =
        ["0", "-1", "1", "2", "7", "255", "2147483647", "-2147483648", "4294967295", "99999999999999999999", "1e308", "1e999", "-0", "nan", "inf", "-inf", "0.5", "", "x", "1 2", " ", "=", "\0", "é"];

    public static TheoryData<string> Bases => ["numeric", "categorical", "linear", "multiclass", "pandas", "old"];

    [Theory]
    [MemberData(nameof(Bases))]
    public void Read_BrokenText_IsRefusedOrScores(string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(Base(name));
        Assert.NotEmpty(ModelReader.Read(text, name).Trees);
        int read = 0;
        int refused = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            byte[] broken = text;
            for (int i = random.Next(1, 4); i > 0; i--) broken = Break(broken, random);
            if (Reads(broken, $"{name}, seed {seed}")) read++;
            else refused++;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{read} read, {refused} refused");

        // A fuzzer whose texts are all refused, or all read, looks at one side only.
        Assert.True(read > Cases / 50, $"{read} of {Cases} were read");
        Assert.True(refused > Cases / 4, $"{refused} of {Cases} were refused");
    }

    [Theory]
    [MemberData(nameof(Bases))]
    public void Read_EveryPrefix_IsRefusedUntilTheTreesEnd(string name)
    {
        string text = Base(name);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        string mark = name == "old" ? "feature importances:" : "end of trees";
        int end = text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        for (int length = 0; length < end; length++)
            Assert.Throws<ModelFormatException>(() => ModelReader.Read(utf8.AsSpan(0, length), name));
        Assert.NotEmpty(ModelReader.Read(utf8.AsSpan(0, end), name).Trees);
    }

    private static bool Reads(byte[] text, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Ensemble ensemble;
        try
        {
            ensemble = ModelReader.Read(text, what);
        }
        catch (ModelFormatException fault)
        {
            Assert.DoesNotContain('\n', fault.Message);
            Assert.True(fault.Line >= 0, what);
            AssertLittle();
            return false;
        }

        AssertLittle();
        double[] rows = new double[3 * ensemble.FeatureNames.Length];
        for (int i = 0; i < rows.Length; i++) rows[i] = (i % 5) switch { 0 => double.NaN, 1 => i, 2 => -0.3, 3 => 1e300, _ => 2.5 };
        double[] expected = Agreement.Definition(ensemble, rows);
        var model = ForestModel.Parse(text, what);
        double[] scores = new double[expected.Length];
        model.Score(Columns.Doubles(rows, model.FeatureCount), scores, ScoreKind.Raw);
        Agreement.SameBits(expected, scores, what);
        model.Score(Columns.Doubles(rows, model.FeatureCount), scores);
        return true;

        void AssertLittle()
        {
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(taken < 1_000_000 + (32L * text.Length), $"{what} took {taken} bytes for a text of {text.Length}");
        }
    }

    private static byte[] Break(byte[] text, Random random)
    {
        switch (random.Next(9))
        {
            case 0:
                byte[] flipped = [.. text];
                flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                int from = random.Next(text.Length);
                int length = random.Next(Math.Min(40, text.Length - from));
                return [.. text[..from], .. text[(from + length)..]];
            case 2:
                return random.Next(4) == 0 ? text[..random.Next(1, text.Length)] : text;
            default:
                return Encoding.UTF8.GetBytes(BreakLines(Encoding.UTF8.GetString(text), random));
        }
    }

    private static string BreakLines(string text, Random random)
    {
        List<string> lines = [.. text.Split('\n')];
        int at = random.Next(lines.Count);
        int other = random.Next(lines.Count);
        switch (random.Next(6))
        {
            case 0:
                (lines[at], lines[other]) = (lines[other], lines[at]);
                break;
            case 1:
                lines.RemoveAt(at);
                break;
            case 2:
                lines.Insert(other, lines[at]);
                break;
            default:
                int equals = lines[at].IndexOf('=', StringComparison.Ordinal);
                string[] numbers = lines[at][(equals + 1)..].Split(' ');
                int place = random.Next(numbers.Length);
                numbers[place] = random.Next(3) == 0 ? numbers[random.Next(numbers.Length)] : Values[random.Next(Values.Length)];
                lines[at] = lines[at][..(equals + 1)] + string.Join(' ', numbers);
                break;
        }

        return string.Join('\n', lines);
    }

    // Without tree_sizes, as an edit that keeps them would be refused for its size alone.
    private static string Base(string name) => name switch
    {
        "numeric" => Write(new ForestShape { Features = 4, Trees = 3, Leaves = 7, HasStumps = true }),
        "categorical" => Write(new ForestShape { Features = 4, Trees = 3, Leaves = 7, Categorical = 3 }),
        "linear" => Write(new ForestShape { Features = 4, Trees = 3, Leaves = 5, IsLinear = true }),
        "multiclass" => Write(new ForestShape { Features = 3, Trees = 2, Leaves = 4, Outputs = 2, Objective = "objective=multiclassova num_class:2 sigmoid:0.5\n" }),
        "pandas" => Write(new ForestShape { Features = 3, Trees = 2, Leaves = 4, Categorical = 2, Categories = 3 })
            .Replace("feature_infos=none none", "feature_infos=-1:0:1 2:1:0", StringComparison.Ordinal) + "\npandas_categorical:[[\"a\", \"é\"], [1, 2.5, true]]\n",
        _ => Write(new ForestShape { Features = 4, Trees = 3, Leaves = 7 })
            .Replace("version=v4", "version=v2", StringComparison.Ordinal).Replace("end of trees\n\nfeature_importances:", "\nfeature importances:", StringComparison.Ordinal)
            .Replace("is_linear=0\n", "", StringComparison.Ordinal),
    };

    private static string Write(ForestShape shape)
    {
        string text = new RandomForest(shape, seed: 9).Write();
        int sizes = text.IndexOf("tree_sizes=", StringComparison.Ordinal);
        return text.Remove(sizes, text.IndexOf('\n', sizes) + 1 - sizes);
    }
}
