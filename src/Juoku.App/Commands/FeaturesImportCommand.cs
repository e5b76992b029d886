using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Stores;
using Juoku.Learning.Features;
using Juoku.Learning.Features.Importing;

namespace Juoku.App.Commands;

/// <summary><c>juoku features import</c>: a feature set from a public data set's file.</summary>
internal sealed class FeaturesImportCommand : Command, IHasExample
{
    private readonly Argument<string> _format = new("format") { Description = $"{string.Join(" or ", FeatureImport.FormatNames)}." };

    private readonly Argument<string> _file = new("file") { Description = "The file; also .gz and .zst." };

    private readonly Option<string> _set = new("--set") { Description = "Name of the feature set to make.", HelpName = "name", Required = true };

    private readonly Option<DateOnly?> _day = new("--day") { Description = "The day that the file is of; criteo only.", HelpName = "yyyy-mm-dd" };

    private readonly SettingOption _store = SettingOption.Store();

    private readonly Option<double> _rejectLimit = new("--reject-limit") { Description = "Share of the lines that may be malformed.", HelpName = "share", DefaultValueFactory = _ => 0.01 };

    private readonly Option<long> _memory = SizeOption.Memory();

    private readonly Option<string?> _scratch = new("--scratch") { Description = "Where to make the scratch folder; the system's temporary folder by default.", HelpName = "dir" };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that DuckDB may use.", HelpName = "n", DefaultValueFactory = _ => Environment.ProcessorCount };

    private readonly Option<bool> _json = new("--json") { Description = "Print the summary as JSON." };

    public FeaturesImportCommand()
        : base("import", "Make a feature set of a public data set's file.")
    {
        Arguments.Add(_format);
        Arguments.Add(_file);
        foreach (Option option in (Option[])[_set, _day, _store, _rejectLimit, _memory, _scratch, _threads, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku features import criteo train.txt --set criteo --day 2026-11-01
        juoku features import avazu train.gz --set avazu --store data
        """;

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var options = new FeatureImportOptions
        {
            Format = arguments.GetRequiredValue(_format),
            File = arguments.GetRequiredValue(_file),
            Set = arguments.GetRequiredValue(_set),
            Day = arguments.GetValue(_day),
            RejectLimit = arguments.GetValue(_rejectLimit),
            MemoryBytes = arguments.GetValue(_memory),
            Threads = arguments.GetValue(_threads),
            Scratch = arguments.GetValue(_scratch),
        };
        await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
        FeatureSummary summary;
        using (var progress = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
            summary = await Task.Run(() => FeatureImport.RunAsync(store, options, progress, cancellation), CancellationToken.None);

        if (arguments.GetValue(_json)) FeaturesReport.WriteJson(summary);
        else FeaturesReport.WriteText(summary, Console.Out);
        return ExitCode.Done;
    }
}
