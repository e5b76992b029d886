using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Juoku.Bench.Results;

/// <summary>What one benchmark found, as <c>--json</c> prints it.</summary>
public sealed record BenchmarkReport
{
    /// <summary>Name of the benchmark: <c>forest</c>, <c>predict</c>, <c>run</c> or <c>up</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>Processor it ran on.</summary>
    public required string Cpu { get; init; }

    /// <summary>Cores it could use.</summary>
    public required int Cores { get; init; }

    /// <summary>Versions of what was compared, by name.</summary>
    public required ImmutableSortedDictionary<string, string> Versions { get; init; }

    /// <summary>Fewer rounds and shorter samples were taken than usual.</summary>
    public bool Quick { get; init; }

    /// <summary>What the ratios compare, in words.</summary>
    public required string Note { get; init; }

    /// <summary>One entry a case.</summary>
    public required ImmutableArray<BenchmarkCase> Cases { get; init; }

    /// <summary>A report of this machine, now, and of this Juoku.</summary>
    /// <param name="benchmark">Name of the benchmark.</param>
    /// <param name="options">How it was run.</param>
    /// <param name="note">What the ratios compare, in words.</param>
    /// <param name="cases">What was found.</param>
    /// <param name="peers">Names and versions of what Juoku was compared with.</param>
    internal static BenchmarkReport Of(string benchmark, BenchmarkOptions options, string note, ImmutableArray<BenchmarkCase> cases, params ReadOnlySpan<(string Name, string Version)> peers)
    {
        ImmutableSortedDictionary<string, string> versions = ImmutableSortedDictionary<string, string>.Empty
            .Add("juoku", typeof(Juoku.Forest.ForestModel).Assembly.GetName().Version!.ToString(3))
            .Add("dotnet", Environment.Version.ToString());
        foreach ((string name, string version) in peers) versions = versions.Add(name, version);
        return new BenchmarkReport
        {
            Benchmark = benchmark,
            Cpu = Machine.Current.Cpu,
            Cores = Machine.Current.Cores,
            Quick = options.Quick,
            Versions = versions,
            Note = note,
            Cases = cases,
        };
    }

    /// <summary>The report as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.BenchmarkReport);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static BenchmarkReport FromJson(string json) =>
        JsonSerializer.Deserialize(json, ReportJson.Default.BenchmarkReport) ?? throw new JsonException("A report is a JSON object.");
}

/// <summary>One case of a benchmark. What a case does not measure is left out of its JSON.</summary>
public sealed record BenchmarkCase
{
    /// <summary>Name of the case.</summary>
    public required string Name { get; init; }

    /// <summary>Rows Juoku scores a second; median over rounds.</summary>
    public double? RowsPerS { get; init; }

    /// <summary>Every score equals LightGBM's own raw score to the last bit.</summary>
    public bool? Exact { get; init; }

    /// <summary>How many times faster Juoku is than each peer; for <c>duckdb_*</c>, Juoku's time over DuckDB's.</summary>
    public ImmutableSortedDictionary<string, double> Ratio { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Rows a second of each peer.</summary>
    public ImmutableSortedDictionary<string, double>? PeerRowsPerS { get; init; }

    /// <summary>Seconds of Juoku's operation, where the case times one operation; median over rounds.</summary>
    public double? Seconds { get; init; }

    /// <summary>Seconds of each peer's operation.</summary>
    public ImmutableSortedDictionary<string, double>? PeerSeconds { get; init; }

    /// <summary>Nanoseconds to score one row alone.</summary>
    public double? NsPerRow { get; init; }

    /// <summary>Rows that were scored, and checked.</summary>
    public int? Rows { get; init; }

    /// <summary>Largest resident memory of the process, in megabytes (10⁶ bytes).</summary>
    public double? PeakRssMb { get; init; }

    /// <summary>Size of the model file, in megabytes (10⁶ bytes).</summary>
    public double? ModelMb { get; init; }

    /// <summary>Threads that Juoku and its peers used.</summary>
    public int? Threads { get; init; }

    /// <summary>Kernel that scored.</summary>
    public string? Kernel { get; init; }

    /// <summary>What was particular about the case.</summary>
    public string? Note { get; init; }
}

/// <summary>All reports of one processor, as <c>bench/results</c> keeps them.</summary>
public sealed record MachineResults
{
    /// <summary>Reports by the name of their benchmark.</summary>
    public ImmutableSortedDictionary<string, BenchmarkReport> Benchmarks { get; init; } = ImmutableSortedDictionary<string, BenchmarkReport>.Empty;

    /// <summary>Reads the results in a file; none where it does not exist.</summary>
    public static MachineResults Read(string path) => File.Exists(path)
        ? JsonSerializer.Deserialize(File.ReadAllText(path), ReportJson.Default.MachineResults) ?? throw new JsonException($"{path}: results are a JSON object.")
        : new MachineResults();

    /// <summary>Puts a report into its machine's file in <paramref name="folder"/>, in place of an earlier one of the same benchmark.</summary>
    /// <returns>Path of the file.</returns>
    public static string Save(string folder, BenchmarkReport report)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, new Machine(report.Cpu, report.Cores).Slug + ".json");
        MachineResults results = Read(path);
        results = results with { Benchmarks = results.Benchmarks.SetItem(report.Benchmark, report) };
        File.WriteAllText(path, JsonSerializer.Serialize(results, ReportJson.Default.MachineResults) + "\n");
        return path;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(BenchmarkReport))]
[JsonSerializable(typeof(MachineResults))]
internal sealed partial class ReportJson : JsonSerializerContext;
