using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run status</c>.</summary>
internal sealed class StatusCommand : StoredRunCommand
{
    private readonly Argument<string> _run = RunArgument();
    private readonly Option<bool> _finish = new("--finish") { Description = "Take the last steps of a run whose parts are done, where no worker is left to." };

    public StatusCommand()
        : base("status", "How a run stands; on a terminal, live until it is settled.")
    {
        Arguments.Add(_run);
        Options.Add(_finish);
    }

    /// <inheritdoc/>
    public override string Example => "juoku run status dt-2026-11-23-0123456789ab";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        RunRecords run = await RunRecords.OpenAsync(arguments.GetRequiredValue(_run), store, pool, cancellation);
        if (arguments.GetValue(_finish)) await new RunFinisher(run, TimeProvider.System).FinishAsync(cancellation);
        var observer = new RunObserver(run, TimeProvider.System);
        RunStatus status = await observer.LookAsync(cancellation);
        if (!status.IsSettled && !Console.IsOutputRedirected && !WantsJson(arguments)) status = await RunTable.ShowAsync(observer, status, cancellation);
        Print(status, arguments);
        return ExitCode.Done;
    }
}
