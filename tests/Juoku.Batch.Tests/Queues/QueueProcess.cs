using System.Diagnostics;
using System.Globalization;
using Juoku.Batch.Queues;

namespace Juoku.Batch.Tests.Queues;

/// <summary>
/// A process of its own that uses a queue and reports each step as a line: <c>sent BODY</c>, <c>took BODY</c>, <c>completed BODY</c>,
/// <c>lost BODY</c>. <see cref="RunAsync"/> is what it does; an instance is it as its parent sees it.
/// </summary>
internal sealed class QueueProcess : IDisposable
{
    public const string Command = "queue-process";

    private readonly Process _process;

    private QueueProcess(Process process)
    {
        _process = process;
        Steps = ReadAsync();
    }

    /// <summary>All that it reported, when it has ended.</summary>
    public Task<string[]> Steps { get; }

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts one that sends messages named <c>NAME-0</c>, <c>NAME-1</c> …, a batch at a time.</summary>
    public static QueueProcess Send(string url, string name, int count, int batch) => Start("send", url, name, $"{count}", $"{batch}");

    /// <summary>Starts one that receives and completes until it is told to end.</summary>
    public static QueueProcess Work(string url, TimeSpan visibility) => Start("work", url, $"{visibility.TotalMilliseconds:0}");

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Tells a worker to end.</summary>
    public void End() => _process.StandardInput.Close();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    public static async Task<int> RunAsync(string[] words)
    {
        await using SqliteQueue queue = SqliteQueue.Open(words[1]);
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        if (words[0] == "send") await SendAsync(queue, words[2], Number(words[3]), Number(words[4]), output);
        else await WorkAsync(queue, TimeSpan.FromMilliseconds(Number(words[2])), output);
        return 0;
    }

    private static async Task SendAsync(SqliteQueue queue, string name, int count, int batch, StreamWriter output)
    {
        foreach (int[] numbers in Enumerable.Range(0, count).Chunk(batch))
        {
            string[] bodies = [.. numbers.Select(number => $"{name}-{number}")];
            await queue.SendAsync(bodies, CancellationToken.None);
            foreach (string body in bodies) await output.WriteLineAsync($"sent {body}");
        }
    }

    private static async Task WorkAsync(SqliteQueue queue, TimeSpan visibility, StreamWriter output)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        Task<string> end = input.ReadToEndAsync();
        while (!end.IsCompleted)
        {
            foreach (QueueMessage message in await queue.ReceiveAsync(2, TimeSpan.FromMilliseconds(100), visibility, CancellationToken.None))
            {
                await output.WriteLineAsync($"took {message.Body}");
                bool ours = await queue.CompleteAsync(message, CancellationToken.None);
                await output.WriteLineAsync($"{(ours ? "completed" : "lost")} {message.Body}");
            }
        }
    }

    private static QueueProcess Start(params string[] words) => new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Command, .. words])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!);

    private async Task<string[]> ReadAsync()
    {
        List<string> steps = [];
        while (await _process.StandardOutput.ReadLineAsync() is { } line) steps.Add(line);
        await _process.WaitForExitAsync();
        return [.. steps];
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
