using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run wait</c>: exit code 0 published, 3 parts without output, 1 not published.</summary>
internal sealed class WaitCommand : StoredRunCommand
{
    private readonly Argument<string> _run = RunArgument();

    public WaitCommand()
        : base("wait", "Wait until a run is settled. Exit code: 0 published, 3 parts were rejected, 1 not published or cancelled.") => Arguments.Add(_run);

    /// <inheritdoc/>
    public override string Example => "juoku run wait dt-2026-11-23-0123456789ab && echo published";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        RunRecords run = await RunRecords.OpenAsync(arguments.GetRequiredValue(_run), store, pool, cancellation);
        var observer = new RunObserver(run, TimeProvider.System);
        RunStatus status = await observer.LookAsync(cancellation);
        if (!status.IsSettled && !Console.IsErrorRedirected && !WantsJson(arguments)) status = await RunTable.ShowAsync(observer, status, cancellation, run);
        TimeSpan pause = TimeSpan.FromMilliseconds(200);
        while (!status.IsSettled)
        {
            // No worker may be left to take the last steps.
            if (status.State == RunState.Finishing) await new RunFinisher(run, TimeProvider.System).FinishAsync(cancellation);
            await Task.Delay(pause, cancellation);
            if (pause < TimeSpan.FromSeconds(5)) pause *= 1.5;
            status = await observer.LookAsync(cancellation);
        }

        Print(status, arguments);
        if (status.State == RunState.Cancelled)
        {
            Console.Error.WriteLine($"juoku: run {status.Run} was cancelled; 'juoku run retry {status.Run}' takes it up again");
            return ExitCode.Failed;
        }

        if (status.Rejected + status.Dead > 0)
        {
            ManifestFault first = status.Faults[0];
            Console.Error.WriteLine($"juoku: run {status.Run}: {status.Rejected + status.Dead} of {status.Parts} parts have no output; part {first.Part}: {first.Reason}");
            return ExitCode.BadInput;
        }

        if (status.State == RunState.Published) return ExitCode.Done;
        Console.Error.WriteLine($"juoku: run {status.Run} is complete but not published: {status.Reasons[0]}; 'juoku run publish {status.Run} --force' decides otherwise");
        return ExitCode.Failed;
    }
}
