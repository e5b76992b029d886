using System.CommandLine;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run cancel</c>.</summary>
internal sealed class CancelCommand : StoredRunCommand
{
    private readonly Argument<string> _run = RunArgument();

    public CancelCommand()
        : base("cancel", "Cancel a run: workers drop what is left of it, and it is never published.") => Arguments.Add(_run);

    /// <inheritdoc/>
    public override string Example => "juoku run cancel dt-2026-11-23-0123456789ab";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        RunRecords run = await RunRecords.OpenAsync(arguments.GetRequiredValue(_run), store, pool, cancellation);
        bool isNew = await new RunControl(run, TimeProvider.System).CancelAsync(cancellation);
        Console.Error.WriteLine($"run {run.Plan.Run} {(isNew ? "is" : "was")} cancelled");
        if (WantsJson(arguments)) Print(await new RunObserver(run, TimeProvider.System).LookAsync(cancellation), arguments);
        return ExitCode.Done;
    }
}
