using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Stores;
using Juoku.Learning.Features;

namespace Juoku.App.Commands;

/// <summary><c>juoku features build</c>: days of a feature set from the logs in a store.</summary>
internal sealed class FeaturesBuildCommand : Command, IHasExample
{
    private readonly Option<string> _set = new("--set") { Description = "Feature set.", HelpName = "name", Required = true };

    private readonly Option<DateOnly?> _day = DayOption.Of("--day", "Day of UTC, or first day: 2026-11-23, yesterday, today-2d.", isRequired: true);

    private readonly Option<DateOnly?> _to = DayOption.Of("--to", "Last day. [default: the first]", isRequired: false);

    private readonly Option<bool> _missing = new("--missing") { Description = "Build only those of the days that are not complete, or got logs since; leave out days without logs." };

    private readonly SettingOption _store = SettingOption.Store();

    private readonly Option<string?> _definition = new("--definition")
    {
        Description = "Folder with the set's set.yaml and SQL; by default features/NAME here, or else the set of that name that comes with Juoku.",
        HelpName = "dir",
    };

    private readonly Option<long> _memory = SizeOption.Memory();

    private readonly Option<string?> _scratch = new("--scratch") { Description = "Where to make the scratch folder; the system's temporary folder by default.", HelpName = "dir" };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that DuckDB may use.", HelpName = "n", DefaultValueFactory = _ => Environment.ProcessorCount };

    private readonly Option<bool> _json = new("--json") { Description = "Print the summary as JSON." };

    public FeaturesBuildCommand()
        : base("build", "Build days of a feature set from the logs.")
    {
        foreach (Option option in (Option[])[_set, _day, _to, _missing, _store, _definition, _memory, _scratch, _threads, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku features build --set ctr --day 2026-11-23
        juoku features build --set ctr --day yesterday
        juoku features build --set ctr --day today-29d --to today-2d --missing
        juoku features build --set ctr --day 2026-11-10 --to 2026-11-23 --store data --memory 4GB
        """;

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var options = new FeatureOptions
        {
            Set = arguments.GetRequiredValue(_set),
            Day = arguments.GetRequiredValue(_day)!.Value,
            To = arguments.GetValue(_to),
            OnlyMissing = arguments.GetValue(_missing),
            Definition = arguments.GetValue(_definition),
            MemoryBytes = arguments.GetValue(_memory),
            Threads = arguments.GetValue(_threads),
            Scratch = arguments.GetValue(_scratch),
        };
        await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
        FeatureSummary summary;
        using (var progress = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
            summary = await Task.Run(() => FeatureBuild.RunAsync(store, options, progress, TimeProvider.System, cancellation), CancellationToken.None);

        if (arguments.GetValue(_json)) FeaturesReport.WriteJson(summary);
        else FeaturesReport.WriteText(summary, Console.Out);
        foreach (FeatureDaySummary day in summary.Days.Where(day => day.ClicksMissing))
            Console.Error.WriteLine($"juoku: {day.Manifest.Day:yyyy-MM-dd}: the logs of the day after are not there yet, so late clicks are not in the labels; build it again when they are");
        return ExitCode.Done;
    }
}
