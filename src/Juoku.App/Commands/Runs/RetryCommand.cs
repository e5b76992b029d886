using System.CommandLine;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run retry</c>.</summary>
internal sealed class RetryCommand : StoredRunCommand
{
    private readonly Argument<string> _run = RunArgument();

    public RetryCommand()
        : base("retry", "Try rejected and dead parts again, and send the messages of open ones; what is finished stays.", needsQueue: true) => Arguments.Add(_run);

    /// <inheritdoc/>
    public override string Example => "juoku run retry dt-2026-11-23-0123456789ab";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        RunRecords run = await RunRecords.OpenAsync(arguments.GetRequiredValue(_run), store, pool, cancellation);
        await using IQueue queue = OpenQueue(arguments);
        (int reopened, int sent) = await new RunControl(run, TimeProvider.System).RetryAsync(new RunSubmission(store, pool, queue), cancellation);
        Console.Error.WriteLine($"{reopened} parts opened again, {sent} messages to {queue.Url}");
        if (WantsJson(arguments)) Print(await new RunObserver(run, TimeProvider.System).LookAsync(cancellation), arguments);
        return ExitCode.Done;
    }
}
