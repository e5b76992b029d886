using System.ComponentModel;
using System.Diagnostics;

namespace Juoku.Deploy.Tests;

/// <summary>What a program left: its exit code and what it wrote to both outputs.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Both outputs, for a message.</summary>
    public string All => $"{Output}\n{Errors}".Trim();
}

/// <summary>A program of the machine.</summary>
internal static class Tool
{
    /// <summary>Runs it to its end; skips the test where it is not installed.</summary>
    public static async Task<ToolResult> RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using Process process = Start(start);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation), errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new ToolResult(process.ExitCode, await output, await errors);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{start.FileName} is not installed: run tests/servers/install");
            throw;
        }
    }
}
