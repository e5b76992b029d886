using System.Diagnostics;

namespace Juoku.Deploy.Tests.Network;

/// <summary>The built <c>juoku</c> in a network namespace, with a store and a queue in its environment.</summary>
/// <param name="network">Where it runs.</param>
/// <param name="folder">Its working folder.</param>
/// <param name="environment">What it finds in its environment.</param>
internal sealed class InnerJuoku(NetworkNamespace network, string folder, IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a command, which must succeed; gives what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"juoku {string.Join(' ', arguments)}: {await errors}");
        return await output;
    }

    /// <summary>Starts a command that serves probes; gives it back with their URL once it says it.</summary>
    public async Task<(Process Process, Uri Probes)> ServeAsync(params string[] arguments)
    {
        const string Sign = "/metrics on ";
        Process process = Start([.. arguments, "--metrics-port", "0", "--metrics-address", "::1"]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            said.Add(line);
            int at = line.IndexOf(Sign, StringComparison.Ordinal);
            if (at < 0) continue;
            _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken); // nobody reads the rest; the pipe must not fill
            return (process, new Uri(line[(at + Sign.Length)..].Split('"')[0]));
        }

        process.Dispose();
        throw new InvalidOperationException($"juoku {arguments[0]} ended before it served: {string.Join('\n', said)}");
    }

    private Process Start(params string[] arguments)
    {
        ProcessStartInfo start = network.Inside(folder, "dotnet", [Path.Combine(AppContext.BaseDirectory, "juoku.dll"), .. arguments]);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
