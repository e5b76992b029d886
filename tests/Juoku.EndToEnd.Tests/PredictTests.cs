using System.Globalization;
using System.Text.Json;

namespace Juoku.EndToEnd.Tests;

public sealed class PredictTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Predict_Help_ShowsEveryOptionAndAnExample()
    {
        JuokuResult result = JuokuProcess.Run("predict", "--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        foreach (string option in (string[])["--model", "--input", "--output", "--key", "--raw", "--no-header", "--label-column", "--threads", "--json", "Example:"])
            Assert.Contains(option, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".tsv", 1)]
    [InlineData(".parquet", 2)]
    [InlineData(".csv.zst", 3)]
    public void Predict_RealCriteoRows_GivesLightGbmsRawScoresToTheBit(string extension, int threads)
    {
        string model = SharedData.Require("vectors/real_criteo_100x31/model.txt");
        string rows = SharedData.Require("vectors/real_criteo_100x31/rows.tsv");
        double[] expected = Numbers(File.ReadLines(SharedData.Require("vectors/real_criteo_100x31/raw.txt")));
        string output = _folder["raw" + extension];

        JuokuResult result = JuokuProcess.Run("predict", "--model", model, "--input", rows, "--no-header", "--raw", "--output", output, "--threads", $"{threads}");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("rows        800\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), Scores(output).Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void Predict_Json_IsOneObject()
    {
        _folder.Write("model.txt", TinyModel.Text);
        _folder.Write("in.csv", "age,price,click\n30,9,1\n40,12,0\n");

        JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", _folder["in.csv"], "--output", _folder["out.csv"], "--label", "click", "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        JsonElement json = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(2, json.GetProperty("rows").GetInt64());
        Assert.Equal(64, json.GetProperty("model_sha256").GetString()!.Length);
        Assert.Equal(_folder["out.csv"], json.GetProperty("outputs")[0].GetString());
        Assert.Equal(1, json.GetProperty("labels").GetProperty("auc").GetDouble());
        Assert.True(json.GetProperty("labels").GetProperty("log_loss").GetDouble() > 0);
    }

    [Fact]
    public void Predict_Label_PrintsTheMetrics()
    {
        _folder.Write("model.txt", TinyModel.Text);
        _folder.Write("in.csv", "age,price,click\n30,9,1\n40,12,0\n");

        JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", _folder["in.csv"], "--output", _folder["out.csv"], "--label-column", "2");

        foreach (string name in (string[])["AUC         1.000000", "log loss", "calibration", "sha256:"]) Assert.Contains(name, result.Output, StringComparison.Ordinal);
    }

    private static double[] Numbers(IEnumerable<string> lines) => [.. lines.Select(line => double.Parse(line, CultureInfo.InvariantCulture))];

    private static double[] Scores(string path)
    {
        using var table = Juoku.Batch.Tables.TableSource.Open(Juoku.Batch.Tables.Inputs.TableInput.Of(path), hasHeader: false, groups: null, TestContext.Current.CancellationToken);
        var rows = new Juoku.Batch.Tables.TableRows(1, 1 << 12);
        var scores = new List<double>();
        foreach (Juoku.Batch.Tables.TablePiece piece in table.Pieces(new([new(0)], []), CancellationToken.None))
        {
            while (piece.Read(rows, new ParallelOptions { MaxDegreeOfParallelism = 1 }))
                for (int i = 0; i < rows.Count; i++) scores.Add(rows.Numbers[0][i]);
            piece.Dispose();
        }

        return [.. scores];
    }
}
