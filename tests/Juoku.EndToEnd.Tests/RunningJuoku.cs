using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Juoku.EndToEnd.Tests;

/// <summary>A <c>juoku</c> that runs until it is told to stop, in a process of its own; killed at the latest when the test ends.</summary>
internal sealed class RunningJuoku : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _log = [];
    private readonly Task _reading;

    public RunningJuoku(params string[] arguments)
        : this([], arguments)
    {
    }

    /// <summary>With settings of its own, each as the environment variable that sets it.</summary>
    public RunningJuoku(IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        _process = JuokuProcess.Start(arguments, start =>
        {
            foreach ((string name, string value) in environment) start.Environment[name] = value;
        });
        _reading = ReadAsync();
    }

    /// <summary>What it has written to standard error.</summary>
    public string[] Log
    {
        get
        {
            lock (_lock) return [.. _log];
        }
    }

    /// <summary>Waits for a line of its log; gives the first group of the pattern.</summary>
    public async Task<string> SaysAsync(string pattern)
    {
        string? found = null;
        await UntilAsync(() =>
        {
            found = Log.Select(line => Regex.Match(line, pattern)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
            if (found is null && _process.HasExited && _reading.IsCompleted) Assert.Fail($"It ended without saying {pattern}: {string.Join('\n', Log)}");
            return Task.FromResult(found is not null);
        });
        return found!;
    }

    public void Terminate() => Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();

    /// <summary>Ends it as a crash would.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for its end; gives the exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) Assert.Fail("It did not become so within a minute.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_lock) _log.Add(line);
        }
    }
}
