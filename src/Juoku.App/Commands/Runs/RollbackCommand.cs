using System.CommandLine;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run rollback</c>.</summary>
internal sealed class RollbackCommand : StoredRunCommand
{
    private readonly Argument<string> _run = RunArgument();

    public RollbackCommand()
        : base("rollback", "Take readers back from a run to the one that was published before it.") => Arguments.Add(_run);

    /// <inheritdoc/>
    public override string Example => "juoku run rollback dt-2026-11-23-0123456789ab";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        RunRecords run = await RunRecords.OpenAsync(arguments.GetRequiredValue(_run), store, pool, cancellation);
        string now = await new RunControl(run, TimeProvider.System).RollBackAsync(cancellation);
        if (WantsJson(arguments)) Print(await new RunObserver(await RunRecords.OpenAsync(now, store, pool, cancellation), TimeProvider.System).LookAsync(cancellation), arguments);
        else Console.Out.WriteLine(now);
        return ExitCode.Done;
    }
}
