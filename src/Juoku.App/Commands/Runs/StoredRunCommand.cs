using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary>A command on the runs of the store that <c>--store</c> or the settings name.</summary>
internal abstract class StoredRunCommand : Command, IHasExample
{
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    protected StoredRunCommand(string name, string description, bool needsQueue = false)
        : base(name, description)
    {
        Options.Add(SettingOption.Store());
        if (needsQueue) Options.Add(SettingOption.Queue());
        Options.Add(_json);
        SetAction(async (arguments, cancellation) =>
        {
            await using var pool = new StorePool(Connections.Adapters);
            return await RunAsync(pool, pool.Open(SettingsOf(arguments).Store), arguments, cancellation);
        });
    }

    /// <inheritdoc/>
    public abstract string Example { get; }

    /// <summary>The argument that names a run.</summary>
    protected static Argument<string> RunArgument() => new("run") { Description = "Name of the run, as submit and list print it." };

    /// <summary>Carries the command out; returns the exit code.</summary>
    protected abstract Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation);

    /// <summary>The settings, with what the command line says.</summary>
    protected static Settings SettingsOf(ParseResult arguments) => EffectiveSettings.Load(arguments).Values;

    /// <summary>Opens the queue that <c>--queue</c> or the settings name.</summary>
    protected static IQueue OpenQueue(ParseResult arguments) => QueueConnection.Open(SettingsOf(arguments).Queue);

    /// <summary>Whether JSON is wanted.</summary>
    protected bool WantsJson(ParseResult arguments) => arguments.GetValue(_json);

    /// <summary>Prints how a run stands, for people or machines.</summary>
    protected void Print(RunStatus status, ParseResult arguments)
    {
        if (WantsJson(arguments)) RunReport.WriteJson(status);
        else RunReport.WriteText(status, Console.Out);
    }
}
