using System.Diagnostics;

namespace Juoku.EndToEnd.Tests;

/// <summary>What a run of the command line left: exit code and both outputs.</summary>
internal sealed record JuokuResult(int ExitCode, string Output, string Error);

/// <summary>Runs the built <c>juoku</c> in a process of its own.</summary>
internal static class JuokuProcess
{
    public static JuokuResult Run(params string[] arguments) => Wait(Start(arguments));

    /// <summary>Runs with a cache of models in a folder of the test's own.</summary>
    public static JuokuResult RunWithCache(string cache, params string[] arguments) => Wait(Start(arguments, start => start.Environment["JUOKU_CACHE"] = cache));

    /// <summary>Runs with variables of its own.</summary>
    public static JuokuResult RunWith(Dictionary<string, string> variables, params string[] arguments) => Wait(Start(arguments, start =>
    {
        foreach ((string name, string value) in variables) start.Environment[name] = value;
    }));

    public static Process Start(params string[] arguments) => Start(arguments, _ => { });

    private static JuokuResult Wait(Process started)
    {
        using Process process = started;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new JuokuResult(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public static Process Start(string[] arguments, Action<ProcessStartInfo> prepare)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "juoku.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        prepare(start);
        return Process.Start(start)!;
    }
}
