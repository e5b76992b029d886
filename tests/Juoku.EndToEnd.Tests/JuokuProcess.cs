using System.Diagnostics;

namespace Juoku.EndToEnd.Tests;

/// <summary>What a run of the command line left: exit code and both outputs.</summary>
internal sealed record JuokuResult(int ExitCode, string Output, string Error);

/// <summary>Runs the built <c>juoku</c> in a process of its own.</summary>
internal static class JuokuProcess
{
    public static JuokuResult Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new JuokuResult(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "juoku.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
