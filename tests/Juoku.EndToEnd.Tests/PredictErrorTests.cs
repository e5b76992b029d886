using System.Diagnostics;
using ParquetSharp;

namespace Juoku.EndToEnd.Tests;

/// <summary>Whatever goes wrong: one line that says what and where, the exit code, and no half output.</summary>
public sealed class PredictErrorTests : IDisposable
{
    private const string Rows = "age,price\n30,9\n40,12\n";

    private readonly TemporaryFolder _folder = new();

    public PredictErrorTests()
    {
        _folder.Write("model.txt", TinyModel.Text);
        _folder.Write("in.csv", Rows);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, "Option '--input' is required", "predict", "--model", "m", "--output", "o.csv")]
    [InlineData(2, "'--bogus'", "predict", "--model", "m", "--input", "i", "--output", "o.csv", "--bogus")]
    [InlineData(2, "Try 'juoku --help'", "bogus")]
    [InlineData(2, "--threads 0: at least one thread", "predict", "--model", "m", "--input", "i", "--output", "o.csv", "--threads", "0")]
    [InlineData(2, "give one of them", "predict", "--model", "m", "--input", "i", "--output", "o.csv", "--label", "a", "--label-column", "1")]
    [InlineData(2, "leave out --case", "bench", "forest", "--save", "--case", "load")]
    [InlineData(4, "m: no such model file", "predict", "--model", "m", "--input", "i", "--output", "o.csv")]
    public void Run_BadCommandLine_IsOneLineAndACode(int code, string message, params string[] arguments)
    {
        JuokuResult result = JuokuProcess.Run(arguments);

        AssertOneLine(result, code, message);
    }

    [Fact]
    public void Predict_MissingInput_IsNotFound() => Fails(4, "absent.csv: no such file or directory", input: "absent.csv");

    [Fact]
    public void Predict_InputIsOutput_IsRefused() => Fails(2, "is one of the inputs", output: "in.csv");

    [Fact]
    public void Predict_UnknownOutputFormat_IsRefused() => Fails(2, "must end in .parquet", output: "out.xlsx");

    [Fact]
    public void Predict_ModelCutShort_IsBadInput()
    {
        _folder.Write("model.txt", TinyModel.Text[..(TinyModel.Text.Length / 2)]);

        Fails(3, "model.txt:");
    }

    [Fact]
    public void Predict_ModelEdited_IsBadInput()
    {
        _folder.Write("model.txt", TinyModel.Text.Replace("leaf_value=0.25 -0.25", "leaf_value=0.25", StringComparison.Ordinal));

        Fails(3, "model.txt:");
    }

    [Fact]
    public void Predict_StaleTreeSizes_IsBadInputAndNamesTheWayOut()
    {
        _folder.Write("model.txt", TinyModel.Text.Replace("\nTree=0", "tree_sizes=999 999\n\nTree=0", StringComparison.Ordinal));

        Fails(3, "but tree_sizes says 999: the model was cut or edited");
    }

    [Fact]
    public void Predict_EmptyModel_IsBadInput()
    {
        _folder.Write("model.txt", "");

        Fails(3, "model.txt: the model is empty");
    }

    [Fact]
    public void Predict_NotAModel_IsBadInput()
    {
        _folder.Write("model.txt", Rows);

        Fails(3, "model.txt");
    }

    [Theory]
    [InlineData("age,prise\n1,2\n", "no column for the model's feature 'price'; close names in the file: 'prise'")]
    [InlineData("age,price\n30,9\n40\n", "in.csv:3: the line has 1 field where 2 are expected")]
    [InlineData("age,price\n30,9\n40,nine\n", "in.csv:3: column 1 ('price'): 'nine' is not a number")]
    [InlineData("30,9\n40,12\n", "the first line looks like a row: use --no-header")]
    [InlineData("", "the file is empty")]
    public void Predict_BadTable_IsBadInput(string text, string message)
    {
        _folder.Write("in.csv", text);

        Fails(3, message);
    }

    [Fact]
    public void Predict_StringColumnForANumber_IsBadInput()
    {
        WriteParquet("in.parquet", new Column<string>("age"), ["x", "y"]);

        Fails(3, "column 'age' is string", input: "in.parquet");
    }

    [Fact]
    public void Predict_CorruptPage_IsBadInput()
    {
        WriteParquet("in.parquet", new Column<float>("age"), [.. Enumerable.Range(0, 50_000).Select(i => i * 0.37f)]);
        byte[] bytes = File.ReadAllBytes(_folder["in.parquet"]);
        bytes[bytes.Length / 2] ^= 0x10;
        File.WriteAllBytes(_folder["in.parquet"], bytes);

        Fails(3, "row group 0, column 'age': the data is damaged", input: "in.parquet");
    }

    [Fact]
    public void Predict_ParquetCutShort_IsBadInput()
    {
        WriteParquet("in.parquet", new Column<float>("age"), [1f, 2f]);
        File.WriteAllBytes(_folder["in.parquet"], File.ReadAllBytes(_folder["in.parquet"])[..^5]);

        Fails(3, "not a readable Parquet file", input: "in.parquet");
    }

    [Theory]
    [InlineData("/proc/predictions.csv")]
    [InlineData("/proc/predictions.parquet")]
    public void Predict_OutputThatCannotBeWritten_Fails(string output)
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "there is no /proc to fail to write in");

        JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", _folder["in.csv"], "--output", output);
        AssertOneLine(result, 1, output);
    }

    [Theory]
    [InlineData("out.csv")]
    [InlineData("out.parquet")]
    [InlineData("out.csv.gz")]
    [InlineData("out.tsv.zst")]
    public void Predict_DiskFull_FailsAndLeavesNothing(string name)
    {
        string disk = Directory.CreateDirectory(_folder["disk"]).FullName;
        Assert.SkipUnless(Mount("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk), "mounting a small disk needs root");
        try
        {
            var random = new Random(4);
            _folder.Write("in.csv", "key,age,price\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{random.NextInt64():x16},{i},{i}\n")));

            JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", _folder["in.csv"], "--output", Path.Combine(disk, name), "--key", "key");
            AssertOneLine(result, 1, Path.Combine(disk, name) + ": cannot be written (");
            Assert.Contains("No space left", result.Error, StringComparison.OrdinalIgnoreCase);
            Assert.Empty(Directory.GetFileSystemEntries(disk));
        }
        finally
        {
            Mount("umount", disk);
        }
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Predict_Interrupted_LeavesNothing(string signal)
    {
        using Process process = StartLongRun();
        Kill(process, signal);
        process.WaitForExit();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("juoku: interrupted; no unfinished output was left\n", process.StandardError.ReadToEnd());
        Assert.Equal(["in.csv", "model.txt"], _folder.Names);
    }

    [Fact]
    public void Predict_Killed_LeavesADotFileThatTheNextRunReplaces()
    {
        using (Process process = StartLongRun())
        {
            Kill(process, "KILL");
            process.WaitForExit();
        }

        Assert.Equal([".out.csv.gz.partial", "in.csv", "model.txt"], _folder.Names);
        _folder.Write("in.csv", Rows);
        JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", _folder["in.csv"], "--output", _folder["out.csv.gz"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["in.csv", "model.txt", "out.csv.gz"], _folder.Names);
    }

    private Process StartLongRun()
    {
        using (StreamWriter writer = File.CreateText(_folder["in.csv"]))
        {
            writer.WriteLine("key,age,price");
            var random = new Random(6);
            for (int i = 0; i < 1_500_000; i++) writer.Write($"{random.NextInt64():x16},{random.Next(90)},{random.Next(30)}\n");
        }

        Process process = JuokuProcess.Start("predict", "--model", _folder["model.txt"], "--input", _folder["in.csv"], "--output", _folder["out.csv.gz"], "--key", "key", "--threads", "1");
        var partial = new FileInfo(_folder[".out.csv.gz.partial"]);
        while (!process.HasExited && (!partial.Exists || partial.Length == 0)) partial.Refresh();
        Assert.False(process.HasExited, "the run was over before it could be interrupted");
        return process;
    }

    private void Fails(int code, string message, string input = "in.csv", string output = "out.parquet")
    {
        string[] before = _folder.Names;
        JuokuResult result = JuokuProcess.Run("predict", "--model", _folder["model.txt"], "--input", _folder[input], "--output", _folder[output]);
        AssertOneLine(result, code, message);
        Assert.Equal(before, _folder.Names);
    }

    private static void AssertOneLine(JuokuResult result, int code, string message)
    {
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("juoku: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
    }

    private void WriteParquet<T>(string name, Column<T> age, T[] ages)
    {
        using WriterPropertiesBuilder properties = new WriterPropertiesBuilder().EnablePageChecksum().Compression(Compression.Zstd);
        using var file = new ParquetFileWriter(_folder[name], [age, new Column<float>("price")], properties.Build());
        using (RowGroupWriter rows = file.AppendRowGroup())
        {
            using (LogicalColumnWriter<T> column = rows.NextColumn().LogicalWriter<T>()) column.WriteBatch(ages);
            using (LogicalColumnWriter<float> column = rows.NextColumn().LogicalWriter<float>()) column.WriteBatch(new float[ages.Length]);
        }

        file.Close();
    }

    private static bool Mount(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void Kill(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }
}
