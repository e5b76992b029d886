using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;

namespace Juoku.App;

/// <summary>Runs a command line: usage errors, signals and failures end in one line on standard error and an exit code.</summary>
internal static class CommandRun
{
    /// <summary>Parses and runs.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        AddExamples(root);
        ParseResult command = root.Parse(args);
        if (command.Action is ParseErrorAction)
        {
            string path = PathOf(command.CommandResult);
            return Fail(ExitCode.Usage, $"{command.Errors[0].Message} Try '{path} --help'.");
        }

        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await command.InvokeAsync(configuration, stop.Token);
        }
        catch (Exception e)
        {
            (int code, string line) = ExitCode.Explain(e);
            return Fail(code, line);
        }
    }

    /// <summary>What to type to name the command: <c>juoku bench forest</c>.</summary>
    private static string PathOf(CommandResult result) => result.Command is RootCommand ? "juoku"
        : result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : result.Command.Name;

    private static int Fail(int code, string line)
    {
        Console.Error.WriteLine($"juoku: {line.ReplaceLineEndings(" ")}");
        return code;
    }

    private static void AddExamples(RootCommand root)
    {
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            if (help.Action is HelpAction action) help.Action = new HelpWithExample(action);
    }

    /// <summary>The usual help, and below it the command's example.</summary>
    private sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is IHasExample { Example: var example })
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Example:");
                foreach (string line in example.Split('\n')) output.WriteLine($"  {line.TrimEnd()}");
                output.WriteLine();
            }

            return code;
        }
    }
}

/// <summary>A command that shows an example below its help.</summary>
internal interface IHasExample
{
    /// <summary>Lines to type.</summary>
    string Example { get; }
}
