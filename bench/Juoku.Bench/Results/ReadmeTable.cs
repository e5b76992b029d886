using System.Globalization;
using System.Text;

namespace Juoku.Bench.Results;

/// <summary>The table of figures in the README, made from the files under <c>bench/results</c> and kept between two markers.</summary>
public static class ReadmeTable
{
    private const string Begin = "<!-- bench:begin -->";
    private const string End = "<!-- bench:end -->";

    /// <summary>The README with its table made anew.</summary>
    /// <param name="readme">Text of the README.</param>
    /// <param name="results">Results of each machine.</param>
    /// <exception cref="FormatException">The README lacks the markers.</exception>
    public static string Update(string readme, IEnumerable<MachineResults> results)
    {
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal);
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{readme[..(begin + Begin.Length)]}\n{Render(results)}{readme[end..]}"
            : throw new FormatException($"The README has no lines {Begin} and {End} for the table to stand between.");
    }

    /// <summary>The results of every machine as Markdown.</summary>
    public static string Render(IEnumerable<MachineResults> results)
    {
        var text = new StringBuilder();
        foreach (MachineResults machine in results.Where(m => m.Benchmarks.Count > 0))
        {
            BenchmarkReport any = machine.Benchmarks.Values.First();
            text.Append(CultureInfo.InvariantCulture, $"\n{any.Cpu}, {any.Cores} cores:\n\n");
            if (machine.Benchmarks.TryGetValue("forest", out BenchmarkReport? forest)) AppendForest(text, forest);
            if (machine.Benchmarks.TryGetValue("predict", out BenchmarkReport? predict)) AppendPredict(text, predict);
            if (machine.Benchmarks.TryGetValue("run", out BenchmarkReport? run)) AppendRun(text, run);
        }

        return text.Append('\n').ToString();
    }

    private static void AppendForest(StringBuilder text, BenchmarkReport forest)
    {
        text.Append("| one thread, 40 features | Juoku | LightGBM C API | ONNX Runtime | scores equal LightGBM's |\n|---|---:|---:|---:|:-:|\n");
        foreach (BenchmarkCase measured in forest.Cases)
        {
            string peers = $"{ReportTable.Against(measured, "lightgbm")} | {ReportTable.Against(measured, "onnxruntime")}";
            text.Append(CultureInfo.InvariantCulture, $"| {Title(measured)} | {ReportTable.Figure(measured)} | {peers} | {(measured.Exact == true ? "bit for bit" : "no")} |\n");
        }

        string versions = string.Join(", ", forest.Versions.Where(pair => pair.Key != "juoku").Select(pair => $"{pair.Key} {pair.Value}"));
        text.Append(CultureInfo.InvariantCulture, $"\nThe × is how many times faster Juoku is, measured turn by turn in one run ({versions}).\n");
    }

    private static void AppendPredict(StringBuilder text, BenchmarkReport predict)
    {
        BenchmarkCase measured = predict.Cases.Single();
        text.Append(CultureInfo.InvariantCulture, $"\n`juoku predict`, the whole process, Parquet to Parquet, {measured.Rows:N0} rows × 40 columns on {measured.Threads} threads: ");
        text.Append(CultureInfo.InvariantCulture, $"{measured.Seconds:0.00} s, {ReportTable.Figure(measured)}, at most {measured.PeakRssMb:N0} MB of memory. ");
        text.Append(CultureInfo.InvariantCulture, $"DuckDB's query that only reads and sums the same columns takes {measured.PeerSeconds?["duckdb_read"]:0.00} s: {measured.Ratio["duckdb_read"]:0.00} times that.\n");
    }

    private static void AppendRun(StringBuilder text, BenchmarkReport run)
    {
        BenchmarkCase measured = run.Cases.Single();
        text.Append(CultureInfo.InvariantCulture, $"\nA run, from its plan until it is published, of {measured.Rows:N0} rows on {measured.Threads} cores: ");
        text.Append(CultureInfo.InvariantCulture, $"{measured.Seconds:0.00} s, {ReportTable.Figure(measured)}, {measured.Ratio["predict"]:0.00} times the speed of `juoku predict` over the same files. ");
        text.Append(CultureInfo.InvariantCulture, $"A billion rows at this rate take {1e9 / measured.RowsPerS!.Value / 60:0.0} minutes.\n");
    }

    private static string Title(BenchmarkCase measured) => measured.Name switch
    {
        "load" => string.Create(CultureInfo.InvariantCulture, $"load a model of {measured.ModelMb:0} MB"),
        "single-row" => "one row at a time, 200 × 63",
        _ => measured.Name.Replace("x", " × ", StringComparison.Ordinal).Replace("cat", ", 8 categorical", StringComparison.Ordinal),
    };
}
