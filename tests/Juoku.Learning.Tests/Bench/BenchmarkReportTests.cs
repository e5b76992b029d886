using System.Collections.Immutable;
using System.Text.Json;
using Juoku.Bench.Results;

namespace Juoku.Learning.Tests.Bench;

public sealed class BenchmarkReportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-report-tests-");

    private static readonly BenchmarkReport Forest = new()
    {
        Benchmark = "forest",
        Cpu = "Some CPU @ 3 GHz",
        Cores = 2,
        Versions = ImmutableSortedDictionary<string, string>.Empty.Add("lightgbm", "4.7.0").Add("juoku", "0.1.0"),
        Note = "One two three.",
        Cases =
        [
            new BenchmarkCase
            {
                Name = "200x63", RowsPerS = 4_800_000, Exact = true, Kernel = "fast", Rows = 1024,
                Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", 55.5).Add("onnxruntime", 33.1),
                PeerRowsPerS = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", 88_000).Add("onnxruntime", 145_000),
            },
            new BenchmarkCase
            {
                Name = "load", Exact = false, Seconds = 0.05, ModelMb = 20.4, Note = "row 3 differs",
                Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", 1.2),
                PeerSeconds = ImmutableSortedDictionary<string, double>.Empty.Add("lightgbm", 0.06),
            },
        ],
    };

    [Fact]
    public void ToJson_HasTheShapeThatTheDesignFixes()
    {
        using JsonDocument json = JsonDocument.Parse(Forest.ToJson());
        JsonElement first = json.RootElement.GetProperty("cases")[0];
        Assert.Equal("Some CPU @ 3 GHz", json.RootElement.GetProperty("cpu").GetString());
        Assert.Equal("200x63", first.GetProperty("name").GetString());
        Assert.Equal(4_800_000, first.GetProperty("rows_per_s").GetDouble());
        Assert.True(first.GetProperty("exact").GetBoolean());
        Assert.Equal(55.5, first.GetProperty("ratio").GetProperty("lightgbm").GetDouble());
        Assert.Equal(33.1, first.GetProperty("ratio").GetProperty("onnxruntime").GetDouble());
        Assert.False(first.TryGetProperty("peak_rss_mb", out _));
        Assert.False(json.RootElement.GetProperty("cases")[1].TryGetProperty("rows_per_s", out _));
    }

    [Fact]
    public void ToJson_OfAPredictCase_HasPeakMemoryAndTheRatioToDuckDb()
    {
        BenchmarkReport predict = Forest with
        {
            Benchmark = "predict",
            Cases = [new BenchmarkCase { Name = "predict", RowsPerS = 3e6, PeakRssMb = 210.5, Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("duckdb_read", 1.4) }],
        };
        using JsonDocument json = JsonDocument.Parse(predict.ToJson());
        JsonElement only = json.RootElement.GetProperty("cases")[0];
        Assert.Equal("predict", only.GetProperty("name").GetString());
        Assert.Equal(210.5, only.GetProperty("peak_rss_mb").GetDouble());
        Assert.Equal(1.4, only.GetProperty("ratio").GetProperty("duckdb_read").GetDouble());
    }

    [Fact]
    public void FromJson_OfToJson_IsTheSameReport() => Assert.Equal(Forest.ToJson(), BenchmarkReport.FromJson(Forest.ToJson()).ToJson());

    [Fact]
    public void Save_OfTwoBenchmarks_KeepsBothInTheMachinesFile()
    {
        MachineResults.Save(_folder.FullName, Forest);
        MachineResults.Save(_folder.FullName, Forest with { Benchmark = "predict" });
        string path = MachineResults.Save(_folder.FullName, Forest with { Quick = true });

        Assert.Equal("some-cpu-3-ghz.json", Path.GetFileName(path));
        MachineResults results = MachineResults.Read(path);
        Assert.Equal(["forest", "predict"], results.Benchmarks.Keys);
        Assert.True(results.Benchmarks["forest"].Quick);
    }

    [Fact]
    public void Render_OfAReport_FitsAHundredColumnsAndTellsWhatIsNotExact()
    {
        string text = ReportTable.Render(Forest);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.Contains("55.5×", text);
        Assert.Contains("4.80 M/s", text);
        Assert.Contains("NOT EXACT load: row 3 differs", text);
    }

    [Fact]
    public void Update_OfAReadme_ReplacesWhatIsBetweenTheMarkersOnly()
    {
        string before = "# Title\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nrest\n";
        MachineResults results = new() { Benchmarks = ImmutableSortedDictionary<string, BenchmarkReport>.Empty.Add("forest", Forest) };
        string after = ReadmeTable.Update(before, [results]);

        Assert.StartsWith("# Title\n<!-- bench:begin -->\n", after);
        Assert.EndsWith("<!-- bench:end -->\nrest\n", after);
        Assert.DoesNotContain("old", after);
        Assert.Contains("| 200 × 63 | 4.80 M/s | 88.0 k/s  55.5× | 145.0 k/s  33.1× | bit for bit |", after);
        Assert.Contains("| load a model of 20 MB | 50 ms | 60 ms  1.2× | – | no |", after);
        Assert.Equal(after, ReadmeTable.Update(after, [results]));
    }

    [Fact]
    public void Render_OfARun_SaysWhatABillionTakes()
    {
        BenchmarkReport run = Forest with
        {
            Benchmark = "run",
            Cases = [new() { Name = "run", Rows = 12_000_000, Threads = 2, Seconds = 3.6, RowsPerS = 3_333_333, Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("predict", 0.96) }],
        };

        string text = ReadmeTable.Render([new() { Benchmarks = ImmutableSortedDictionary<string, BenchmarkReport>.Empty.Add("run", run) }]);

        Assert.Contains("12,000,000 rows on 2 cores: 3.60 s, 3.33 M/s, 0.96 times the speed of `juoku predict`", text);
        Assert.Contains("A billion rows at this rate take 5.0 minutes.", text);
    }

    [Fact]
    public void Update_OfAReadmeWithoutMarkers_SaysWhatIsMissing() =>
        Assert.Contains("bench:begin", Assert.Throws<FormatException>(() => ReadmeTable.Update("# Title\n", [])).Message);

    [Theory]
    [InlineData("vendor_id\t: X\nmodel name\t: AMD EPYC\ncpu family\t: 26\nmodel\t\t: 2\n\nmodel name\t: other", "AMD EPYC (family 26 model 2)", "amd-epyc-family-26-model-2")]
    [InlineData("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "arm64 implementer 0x41 part 0xd0c", "arm64-implementer-0x41-part-0xd0c")]
    public void CpuOf_CpuInfo_NamesTheProcessor(string cpuinfo, string cpu, string slug)
    {
        string name = Machine.CpuOf(cpuinfo.Split('\n'));
        Assert.Equal(cpu, name);
        Assert.Equal(slug, new Machine(name, 1).Slug);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
