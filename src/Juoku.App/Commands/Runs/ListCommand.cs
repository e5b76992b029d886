using System.CommandLine;
using System.Globalization;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run list</c>.</summary>
internal sealed class ListCommand : StoredRunCommand
{
    private readonly Option<int> _most = new("--most") { Description = "How many to show, the latest first.", HelpName = "n", DefaultValueFactory = _ => 20 };

    public ListCommand()
        : base("list", "The runs of the store, the latest first.") => Options.Add(_most);

    /// <inheritdoc/>
    public override string Example => "juoku run list";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        var all = new List<RunStatus>();
        await foreach (string name in RunObserver.NamesAsync(store, cancellation))
        {
            if (all.Count == arguments.GetValue(_most)) break;
            RunRecords run = await RunRecords.OpenAsync(name, store, pool, cancellation);
            all.Add(await new RunObserver(run, TimeProvider.System).LookAsync(cancellation));
        }

        if (WantsJson(arguments))
        {
            RunReport.WriteJson(all);
            return ExitCode.Done;
        }

        if (all.Count == 0) Console.Error.WriteLine($"no runs in {store.Url}; 'juoku run submit' makes one");
        foreach (RunStatus run in all)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.Run}  {RunReport.Name(run.State),-11}  {run.Finished}/{run.Parts} parts  {run.Rows:N0} rows  {run.Model}{(run.IsCurrent ? "  current" : "")}"));
        return ExitCode.Done;
    }
}
