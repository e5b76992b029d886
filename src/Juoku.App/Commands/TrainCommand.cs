using System.CommandLine;
using System.Globalization;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Stores;
using Juoku.Learning.Training;

namespace Juoku.App.Commands;

/// <summary><c>juoku train</c>: days of features in, a registered model out.</summary>
internal sealed class TrainCommand : Command, IHasExample
{
    private readonly Option<string> _set = new("--set") { Description = "Feature set to learn from.", HelpName = "name", Required = true };
    private readonly Option<DateOnly?> _from = DayOption.Of("--from", "First day to learn from.", isRequired: true);
    private readonly Option<DateOnly?> _to = DayOption.Of("--to", "Last day; the last days are held out.", isRequired: true);
    private readonly Option<int?> _validDays = new("--valid-days") { Description = "Days to hold out at the end. [default: 2, or what the configuration says]", HelpName = "n" };
    private readonly Option<string> _name = new("--name", "-n") { Description = "Name to register the model under.", HelpName = "name", DefaultValueFactory = _ => new TrainingOptions { Set = "", From = default, To = default }.Name };
    private readonly Option<string?> _config = new("--config", "-c") { Description = "YAML: parameters of LightGBM, rounds, early_stopping, categories …", HelpName = "file" };
    private readonly Option<string?> _parent = new("--parent") { Description = "Model whose training to continue, such as ctr@champion.", HelpName = "model" };
    private readonly Option<int?> _seed = new("--seed") { Description = "Seed of everything random in LightGBM. [default: 1, or what the configuration says]", HelpName = "n" };
    private readonly SettingOption _store = SettingOption.Store();
    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads; the model does not depend on it.", HelpName = "n", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<bool> _json = new("--json") { Description = "Print the outcome as JSON." };

    private TrainCommand()
        : base("train", "Train a click model on days of a feature set, calibrate and measure it on later days, and register it.")
    {
        foreach (Option option in (Option[])[_set, _from, _to, _validDays, _name, _config, _parent, _seed, _store, _threads, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku train --set ctr --from 2026-11-01 --to 2026-11-22
        juoku train --set ctr --from 2026-11-01 --to 2026-11-22 --valid-days 3 --config train.yaml --parent ctr@champion
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new TrainCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        TrainingConfig config = arguments.GetValue(_config) is { } path ? TrainingConfigFile.Read(path) : new TrainingConfig();
        if (arguments.GetValue(_validDays) is { } days) config = config with { ValidDays = days };
        if (arguments.GetValue(_seed) is { } seed) config = config with { Parameters = config.Parameters.SetItem("seed", seed.ToString(CultureInfo.InvariantCulture)) };
        var options = new TrainingOptions
        {
            Set = arguments.GetRequiredValue(_set),
            From = arguments.GetRequiredValue(_from)!.Value,
            To = arguments.GetRequiredValue(_to)!.Value,
            Name = arguments.GetRequiredValue(_name),
            Config = config,
            Parent = arguments.GetValue(_parent),
            Threads = arguments.GetValue(_threads),
        };
        await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
        var progress = new TrainingProgress();
        Task<TrainingResult> work = Task.Run(() => new Trainer(store, Connections.Adapters).RunAsync(options, progress, cancellation), CancellationToken.None);
        if (!Console.IsErrorRedirected) await TrainingBar.ShowAsync(progress, work);
        TrainingResult result = await work;
        foreach (string warning in result.Warnings) Console.Error.WriteLine($"juoku: LightGBM: {warning}");
        if (arguments.GetValue(_json)) TrainingReport.WriteJson(result);
        else TrainingReport.WriteText(result, Console.Out);
        return ExitCode.Done;
    }
}
