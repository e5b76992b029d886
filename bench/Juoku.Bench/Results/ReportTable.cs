using System.Globalization;
using System.Text;

namespace Juoku.Bench.Results;

/// <summary>A report as text for a terminal of 100 columns.</summary>
public static class ReportTable
{
    private const int Width = 98;

    /// <summary>The report's table, its notes below.</summary>
    public static string Render(BenchmarkReport report)
    {
        var text = new StringBuilder();
        string cores = report.Cores == 1 ? "1 core" : string.Create(CultureInfo.InvariantCulture, $"{report.Cores} cores");
        text.AppendLine($"{report.Benchmark} on {report.Cpu}, {cores}{(report.Quick ? ", quick" : "")}");
        text.AppendLine();

        string[] peers = [.. report.Cases.SelectMany(c => c.Ratio.Keys).Distinct().OrderBy(PeerOrder)];
        List<string[]> rows = [["case", "juoku", .. peers, "exact", "memory"], .. report.Cases.Select(c => Row(c, peers))];
        if (report.Cases.All(c => c.PeakRssMb is null)) rows = [.. rows.Select(row => row[..^1])];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(row => row[i].Length))];
        foreach (string[] row in rows)
            text.AppendLine(string.Join("   ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());

        text.AppendLine();
        foreach (string line in Wrapped(report.Note)) text.AppendLine(line);
        string versions = string.Join(", ", report.Versions.Select(pair => $"{pair.Key} {pair.Value}"));
        string[] kernels = [.. report.Cases.Select(c => c.Kernel).OfType<string>().Distinct()];
        text.AppendLine(kernels.Length > 0 ? $"{versions}; kernel {string.Join(", ", kernels)}" : versions);
        foreach (BenchmarkCase failed in report.Cases.Where(c => c.Exact == false)) text.AppendLine($"NOT EXACT {failed.Name}: {failed.Note}");
        return text.ToString();
    }

    /// <summary>What Juoku does in the case: rows a second, nanoseconds a row, or seconds.</summary>
    internal static string Figure(BenchmarkCase measured) =>
        measured.NsPerRow is { } ns ? string.Create(CultureInfo.InvariantCulture, $"{ns:N0} ns/row")
        : measured.RowsPerS is { } rate ? Rate(rate)
        : measured.Seconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:N0} ms")
        : "";

    /// <summary>What a peer does in the case, in the same unit, and the ratio.</summary>
    internal static string Against(BenchmarkCase measured, string peer)
    {
        if (!measured.Ratio.TryGetValue(peer, out double ratio)) return "–";
        string figure = measured.PeerRowsPerS?.TryGetValue(peer, out double rate) == true
                ? measured.NsPerRow is null ? Rate(rate) : string.Create(CultureInfo.InvariantCulture, $"{1e9 / rate:N0} ns/row")
            : measured.PeerSeconds?.TryGetValue(peer, out double seconds) == true ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:N0} ms")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{figure}  {ratio:0.0#}×");
    }

    private static string[] Row(BenchmarkCase measured, string[] peers) =>
    [
        measured.Name,
        Figure(measured),
        .. peers.Select(peer => Against(measured, peer)),
        measured.Exact switch { true => "yes", false => "NO", null => "" },
        measured.PeakRssMb is { } peak ? string.Create(CultureInfo.InvariantCulture, $"{peak:N0} MB") : "",
    ];

    private static string Rate(double rowsPerSecond) => rowsPerSecond >= 1e6
        ? string.Create(CultureInfo.InvariantCulture, $"{rowsPerSecond / 1e6:0.00} M/s")
        : string.Create(CultureInfo.InvariantCulture, $"{rowsPerSecond / 1e3:0.0} k/s");

    private static int PeerOrder(string peer) => peer switch { "lightgbm" or "duckdb_read" => 0, _ => 1 };

    private static IEnumerable<string> Wrapped(string text)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        yield return line.ToString();
    }
}
