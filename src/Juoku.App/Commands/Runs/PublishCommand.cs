using System.CommandLine;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run publish</c>.</summary>
internal sealed class PublishCommand : StoredRunCommand
{
    private readonly Argument<string> _run = RunArgument();
    private readonly Option<bool> _force = new("--force") { Description = "Publish what did not pass its gate, or take readers back to an earlier run." };

    public PublishCommand()
        : base("publish", "Give a complete run to readers.")
    {
        Arguments.Add(_run);
        Options.Add(_force);
    }

    /// <inheritdoc/>
    public override string Example => "juoku run publish dt-2026-11-23-0123456789ab --force";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        RunRecords run = await RunRecords.OpenAsync(arguments.GetRequiredValue(_run), store, pool, cancellation);
        await new RunControl(run, TimeProvider.System).PublishAsync(arguments.GetValue(_force), cancellation);
        Print(await new RunObserver(run, TimeProvider.System).LookAsync(cancellation), arguments);
        return ExitCode.Done;
    }
}
