using System.Runtime.InteropServices;

namespace Juoku.Bench.Results;

/// <summary>The machine that benchmarks ran on, as results name it.</summary>
/// <param name="Cpu">Name of the processor, with family and model where they are known: hypervisors shorten the name.</param>
/// <param name="Cores">Cores the process may use.</param>
internal sealed record Machine(string Cpu, int Cores)
{
    /// <summary>This machine.</summary>
    public static Machine Current { get; } = new(
        File.Exists("/proc/cpuinfo") ? CpuOf(File.ReadLines("/proc/cpuinfo")) : RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount);

    /// <summary>File name of the machine's results: <c>amd-epyc-family-26-model-2</c>.</summary>
    public string Slug => string.Join('-', new string([.. Cpu.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')])
        .Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Name of the first processor in the text of <c>/proc/cpuinfo</c>.</summary>
    public static string CpuOf(IEnumerable<string> cpuinfo)
    {
        Dictionary<string, string> first = cpuinfo.TakeWhile(line => line.Length > 0).Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2).GroupBy(parts => parts[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        string name = first.GetValueOrDefault("model name")
            ?? (first.TryGetValue("CPU implementer", out string? implementer) ? $"arm64 implementer {implementer} part {first.GetValueOrDefault("CPU part")}" : "");
        if (name.Length == 0) return RuntimeInformation.ProcessArchitecture.ToString();
        return first.TryGetValue("cpu family", out string? family) && first.TryGetValue("model", out string? model)
            ? $"{name} (family {family} model {model})"
            : name;
    }
}
