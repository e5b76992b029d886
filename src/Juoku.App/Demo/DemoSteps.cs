using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Juoku.Batch.Supervision;

namespace Juoku.App.Demo;

/// <summary>Runs the commands of a demo, each in a process of its own, and shows them as their reader would type them.</summary>
internal sealed class DemoSteps(string store, string queue, TextWriter output)
{
    // Commands that make a store are told where; all others find it in their settings, as in a folder with a juoku.yaml.
    private static readonly string[] WithoutSettings = ["generate"];

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it printed with <c>--json</c>.</returns>
    /// <exception cref="DemoException">It failed.</exception>
    public async Task<JsonElement> RunAsync(CancellationToken cancellation, params string[] command)
    {
        Say(command);
        long start = Stopwatch.GetTimestamp();
        using Process process = Launch([.. command, "--json"]);
        Task<string> printed = process.StandardOutput.ReadToEndAsync(CancellationToken.None), said = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
            throw;
        }

        if (process.ExitCode != 0)
            throw new DemoException($"'juoku {string.Join(' ', command)}' failed with code {process.ExitCode}: {(await said).Trim().Split('\n')[^1]}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s"));
        using JsonDocument document = JsonDocument.Parse((await printed).Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., var last] && last.StartsWith('{') ? last : await printed);
        return document.RootElement.Clone();
    }

    /// <summary>Starts a command that goes on until it is disposed of.</summary>
    public IAsyncDisposable Start(params string[] command)
    {
        Say([.. command, "&"]);
        Process process = Launch(command);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Running(process);
    }

    private void Say(string[] command)
    {
        string line = string.Join(' ', ["juoku", .. command]);
        output.WriteLine(WithoutSettings.Contains(command[0]) || line.EndsWith('&') ? $"$ {line}" : $"$ {line} --store {store}");
    }

    private Process Launch(string[] command)
    {
        string[] program = ThisProgram.Command();
        var start = new ProcessStartInfo(program[0], [.. program[1..], .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["JUOKU__STORE"] = store;
        start.Environment["JUOKU__QUEUE"] = queue;
        return Process.Start(start)!;
    }

    private static async Task StopAsync(Process process)
    {
        Termination.Request(process);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    private sealed class Running(Process process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await StopAsync(process);
            process.Dispose();
        }
    }
}

/// <summary>A step of the demo failed: says which, and what it said.</summary>
internal sealed class DemoException(string message) : Exception(message);
