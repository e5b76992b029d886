using System.CommandLine;
using Juoku.App.Commands.Runs;

namespace Juoku.App.Commands;

/// <summary><c>juoku run</c>: a day's predictions through a queue.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("run", "A day's predictions through a queue: each part exactly once, by any number of workers.")
    {
        new SubmitCommand(),
        new ListCommand(),
        new StatusCommand(),
        new WaitCommand(),
        new RetryCommand(),
        new CancelCommand(),
        new PublishCommand(),
        new RollbackCommand(),
    };
}
