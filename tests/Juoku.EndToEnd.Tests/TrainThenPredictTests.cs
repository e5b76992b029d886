using System.Globalization;
using System.Text.Json;
using Juoku.Learning.LightGbm;
using ScoreKind = Juoku.Forest.ScoreKind;

namespace Juoku.EndToEnd.Tests;

/// <summary>Real clicks: LightGBM trains on them, the command line predicts, and both say the same to the last bit.</summary>
public sealed class TrainThenPredictTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Predict_Criteo_EqualsTheModelThatWasTrained()
    {
        // Label, 13 counts, 26 hashed categories; no header, tabs.
        string[][] train = Split(SharedData.Require("data/criteo/train.tsv"), '\t');
        string testPath = SharedData.Require("data/criteo/test.tsv");
        string[][] test = Split(testPath, '\t');
        int[] columns = [.. Enumerable.Range(1, 39)];
        ClickModel model = ClickModel.Train(train, label: 0, columns, [], column => column >= 14);
        model.Save(_folder["model.txt"]);

        JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", testPath, "--no-header", "--label-column", "0",
            "--output", _folder["raw.tsv"], "--raw", "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        AssertSame(model.RawScores(test), File.ReadLines(_folder["raw.tsv"]));
        JsonElement labels = JsonDocument.Parse(result.Output).RootElement.GetProperty("labels");
        Assert.Equal(test.Length, labels.GetProperty("rows").GetInt64());
        Assert.InRange(labels.GetProperty("auc").GetDouble(), 0.65, 0.9);
        Assert.InRange(labels.GetProperty("normalized_entropy").GetDouble(), 0.5, 1.1);
    }

    [Fact]
    public void Predict_Avazu_EqualsTheModelThatWasTrained()
    {
        // id, click, hour, C1, …: a header in the training file only, commas.
        string trainPath = SharedData.Require("data/avazu/train.csv");
        string testPath = SharedData.Require("data/avazu/test.csv");
        string[][] all = Split(trainPath, ',');
        string[][] train = all[1..];
        string[][] test = Split(testPath, ',');
        int[] columns = [.. Enumerable.Range(2, 22)];
        ClickModel model = ClickModel.Train(train, label: 1, columns, [.. columns.Select(column => all[0][column])], column => column is >= 5 and <= 13);
        model.Save(_folder["model.txt"]);

        JuokuResult named = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", trainPath, "--label", "click", "--key", "id",
            "--output", _folder["named.csv"], "--raw");
        JuokuResult placed = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", testPath, "--no-header", "--label-column", "1", "--key", "0",
            "--output", _folder["placed.csv"], "--raw");

        Assert.Equal((0, "", 0, ""), (named.ExitCode, named.Error, placed.ExitCode, placed.Error));
        string[][] output = Split(_folder["named.csv"], ',');
        Assert.Equal(["id", "prediction"], output[0]);
        Assert.Equal(train.Select(row => row[0]), output[1..].Select(row => row[0]));
        AssertSame(model.RawScores(train), output[1..].Select(row => row[1]));
        AssertSame(model.RawScores(test), Split(_folder["placed.csv"], ',').Select(row => row[1]));
    }

    private static string[][] Split(string path, char delimiter) => [.. File.ReadLines(path).Select(line => line.Split(delimiter))];

    private static void AssertSame(double[] expected, IEnumerable<string> actual) => Assert.Equal(
        expected.Select(BitConverter.DoubleToInt64Bits),
        actual.Select(text => BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture))));

    /// <summary>A model with the codes of its categories.</summary>
    private sealed class ClickModel(Booster booster, int[] columns, string[] names, Dictionary<string, int>?[] codes)
    {
        public static ClickModel Train(string[][] rows, int label, int[] columns, string[] names, Func<int, bool> isCategory)
        {
            // A category seen once teaches nothing: it counts as missing, and so do those of later files.
            Dictionary<string, int>?[] codes = [.. columns.Select(column => isCategory(column)
                ? rows.Select(row => row[column]).Where(value => value != "").GroupBy(value => value).Where(group => group.Count() > 1)
                    .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select((group, code) => (group.Key, code)).ToDictionary(pair => pair.Key, pair => pair.code)
                : null)];
            var parameters = new Parameters { ["objective"] = "binary", ["num_leaves"] = 31, ["learning_rate"] = 0.05, ["seed"] = 7, ["deterministic"] = true, ["force_col_wise"] = true, ["num_threads"] = 1 };
            using Dataset data = Dataset.Create<double>(Matrix(rows, columns, codes), columns.Length, [.. rows.Select(row => float.Parse(row[label], CultureInfo.InvariantCulture))], new DatasetOptions
            {
                FeatureNames = names,
                CategoricalFeatures = [.. Enumerable.Range(0, columns.Length).Where(i => codes[i] is not null)],
                Parameters = parameters,
            });
            return new ClickModel(Booster.Train(data, parameters, 60), columns, names, codes);
        }

        public void Save(string path)
        {
            booster.Save(path);
            var maps = new Dictionary<string, string[]>();
            for (int i = 0; i < codes.Length; i++)
                if (codes[i] is { } map) maps[names.Length > 0 ? names[i] : $"Column_{i}"] = [.. map.OrderBy(pair => pair.Value).Select(pair => pair.Key)];
            File.WriteAllText(Path.ChangeExtension(path, ".categories.json"), JsonSerializer.Serialize(maps));
        }

        public double[] RawScores(string[][] rows)
        {
            var scores = new double[rows.Length];
            booster.Predict<double>(Matrix(rows, columns, codes), scores, ScoreKind.Raw);
            return scores;
        }

        private static double[] Matrix(string[][] rows, int[] columns, Dictionary<string, int>?[] codes) =>
            [.. rows.SelectMany(row => columns.Select((column, i) => Value(row[column], codes[i])))];

        private static double Value(string text, Dictionary<string, int>? codes) => codes is not null
            ? codes.TryGetValue(text, out int code) ? code : double.NaN
            : text == "" ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);
    }
}
