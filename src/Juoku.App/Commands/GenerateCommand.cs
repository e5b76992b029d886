using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Stores;
using Juoku.Learning.Generation;

namespace Juoku.App.Commands;

/// <summary><c>juoku generate</c>: logs of an ad world whose click probabilities are known.</summary>
internal sealed class GenerateCommand : Command, IHasExample
{
    private static readonly WorldOptions Defaults = new();

    private readonly SettingOption _output = new("--output", "store") { Description = "Store that gets logs/ and truth/. [default: the setting 'store']", HelpName = "url" };

    private readonly Option<int> _users = new("--users") { Description = "People.", HelpName = "n", DefaultValueFactory = _ => Defaults.Users };

    private readonly Option<int> _ads = new("--ads") { Description = "Ads on show each day.", HelpName = "n", DefaultValueFactory = _ => Defaults.Ads };

    private readonly Option<int> _days = new("--days") { Description = "Days of logs.", HelpName = "n", DefaultValueFactory = _ => Defaults.Days };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Same seed, same bytes.", HelpName = "n", DefaultValueFactory = _ => Defaults.Seed };

    private readonly Option<DateOnly?> _start = new("--start") { Description = $"First day. [default: {Defaults.Start:yyyy-MM-dd}]", HelpName = "yyyy-mm-dd" };

    private readonly Option<int?> _impressions = new("--impressions-per-day") { Description = "Impressions of an average day; one a user by default.", HelpName = "n" };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that generate.", HelpName = "n", DefaultValueFactory = _ => Defaults.Threads };

    private readonly Option<bool> _replace = new("--replace") { Description = "Remove another generated world from the store first." };

    private readonly Option<bool> _json = new("--json") { Description = "Print the summary as JSON." };

    private GenerateCommand()
        : base("generate", "Generate users, ads and delivery logs with known chances of a click.")
    {
        foreach (Option option in (Option[])[_output, _users, _ads, _days, _seed, _start, _impressions, _threads, _replace, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku generate --users 20000 --ads 200 --days 35 --output data
        juoku generate --users 1000000 --ads 1000 --days 35 --seed 7 --json
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new GenerateCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var options = new WorldOptions
        {
            Users = arguments.GetValue(_users),
            Ads = arguments.GetValue(_ads),
            Days = arguments.GetValue(_days),
            Seed = arguments.GetValue(_seed),
            Start = arguments.GetValue(_start) ?? Defaults.Start,
            ImpressionsPerDay = arguments.GetValue(_impressions),
            Threads = arguments.GetValue(_threads),
        };
        await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
        WorldSummary summary;
        using (var progress = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
            summary = await Task.Run(() => WorldGeneration.RunAsync(store, options, arguments.GetValue(_replace), progress, cancellation), CancellationToken.None);

        double rate = Math.Round(summary.Impressions / Math.Max(1e-9, summary.Seconds));
        if (arguments.GetValue(_json))
        {
            var report = new GenerateReport(
                summary.Store, summary.FirstDay, summary.LastDay, summary.Impressions, summary.Clicks, summary.ClickRate, summary.Seconds, rate);
            Console.Out.WriteLine(JsonSerializer.Serialize(report, GenerateJson.Default.GenerateReport));
            return ExitCode.Done;
        }

        void Line(string name, FormattableString value) => Console.Out.WriteLine($"{name,-14}{value.ToString(CultureInfo.InvariantCulture)}");
        Line("store", $"{summary.Store}");
        Line("days", $"{summary.FirstDay:yyyy-MM-dd} to {summary.LastDay:yyyy-MM-dd}");
        Line("impressions", $"{summary.Impressions:N0}");
        Line("clicks", $"{summary.Clicks:N0}");
        Line("click rate", $"{summary.ClickRate:P3}");
        Line("seconds", $"{summary.Seconds:F3}");
        Line("rows/s", $"{rate:N0}");
        return ExitCode.Done;
    }
}

internal sealed record GenerateReport(
    string Store, DateOnly FirstDay, DateOnly LastDay, long Impressions, long Clicks, double ClickRate, double Seconds, double RowsPerS);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GenerateReport))]
internal sealed partial class GenerateJson : JsonSerializerContext;
