using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Juoku.App.Configuration;
using Juoku.Batch.Queues;
using Juoku.Batch.Supervision;

namespace Juoku.App.Commands;

/// <summary><c>juoku up</c>: workers on this machine, as many as the queue is worth.</summary>
internal sealed class UpCommand : Command, IHasExample
{
    private UpCommand()
        : base("up", "Keep workers running on this machine, as many as the queue is worth: none when it is empty, one a core when it is full. Ctrl+C stops all of them.")
    {
        Options.Add(SettingOption.Store());
        Options.Add(SettingOption.Queue());
        Options.Add(new SettingOption("--start-delay", "up:startDelay") { Description = "How long workers wait before they start, as those of a cluster do. [default: the setting 'up.startDelay']", HelpName = "time" });
        Options.Add(new SettingOption("--poll", "up:poll") { Description = "Pause between two looks at the queue. [default: the setting 'up.poll']", HelpName = "time" });
        Options.Add(new SettingOption("--max-workers", "up:maxWorkers") { Description = "Most workers at once. [default: the setting 'up.maxWorkers']", HelpName = "n" });
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku up
        juoku up --store s3://bucket/ctr --queue sqs://parts --max-workers 4
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new UpCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        Settings settings = EffectiveSettings.Load(arguments).Values;
        await using IQueue queue = QueueConnection.Open(settings.Queue);
        await queue.CountAsync(cancellation);

        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"store {settings.Store}, queue {settings.Queue}: up to {settings.Up.MaxWorkers} workers as messages arrive. Submit with 'juoku run submit'; Ctrl+C ends."));
        var supervisor = new WorkerSupervisor(settings.Up, queue, _ => WorkerCommand(settings), new Teller(), TimeProvider.System);
        await supervisor.RunAsync(cancellation);
        Console.Error.WriteLine("all workers have stopped");
        return ExitCode.Done;
    }

    /// <summary>A worker uses its share of the cores: together they use all, however many they are.</summary>
    private static ProcessStartInfo WorkerCommand(Settings settings)
    {
        int threads = Math.Max(1, Environment.ProcessorCount / settings.Up.MaxWorkers);
        string[] command = ThisProgram.Command();
        return new ProcessStartInfo(command[0],
            [.. command[1..], "worker", "--stop-with-parent", "--store", settings.Store, "--queue", settings.Queue, "--threads", threads.ToString(CultureInfo.InvariantCulture)]);
    }

    private sealed class Teller : IProgress<SupervisorEvent>
    {
        public void Report(SupervisorEvent value) => Console.Error.WriteLine(value.IsProblem ? $"juoku up: {value.Text}" : value.Text);
    }
}
