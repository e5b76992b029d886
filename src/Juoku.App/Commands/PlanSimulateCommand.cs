using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Scaling.Simulation;

namespace Juoku.App.Commands;

/// <summary><c>juoku plan simulate</c>: policies beside each other on simulated runs.</summary>
internal sealed class PlanSimulateCommand : Command, IHasExample
{
    private readonly Option<string?> _preset = new("--preset") { Description = "Kind of runs; all of them in turn by default.", HelpName = "NAME" };

    private readonly Option<string?> _trace = new("--trace") { Description = "CSV of what arrived when: time,parts,rows.", HelpName = "FILE" };

    private readonly Option<TimeSpan?> _deadline = DurationOption.Of("--deadline", "Deadline of a trace, from its start, such as 1h.", mayBeZero: false);

    private readonly Option<double> _rate = new("--rate") { Description = "Rows a second of one worker, for a trace.", HelpName = "n", DefaultValueFactory = _ => 250_000 };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Same seed, same runs.", HelpName = "n", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _scenarios = new("--scenarios") { Description = "Runs to simulate.", HelpName = "n", DefaultValueFactory = _ => 100 };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that simulate.", HelpName = "n", DefaultValueFactory = _ => Environment.ProcessorCount };

    private readonly Option<bool> _json = new("--json") { Description = "Print the comparison as JSON." };

    private PlanSimulateCommand()
        : base("simulate", "Compare ways to scale on simulated runs: ours, KEDA's queue length, HPA, step by step, and the clairvoyant optimum.")
    {
        _preset.AcceptOnlyFromAmong([.. Preset.Names]);
        foreach (Option option in (Option[])[_preset, _trace, _deadline, _rate, _seed, _scenarios, _threads, _json]) Options.Add(option);
        Validators.Add(result =>
        {
            if (result.GetResult(_preset) is not null && result.GetResult(_trace) is not null) result.AddError("Give either --preset or --trace.");
            if (result.GetResult(_trace) is not null && result.GetResult(_deadline) is null) result.AddError("A --trace needs a --deadline.");
            // An option that was not given has no value here yet, not even its default.
            foreach (Option<int> option in (Option<int>[])[_scenarios, _threads])
                if (result.GetResult(option) is { Implicit: false } && result.GetValue(option) < 1) result.AddError($"{option.Name}: write a number of at least 1.");
            if (result.GetResult(_rate) is { Implicit: false } && !(result.GetValue(_rate) > 0)) result.AddError("--rate: write a number above 0.");
        });
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku plan simulate --scenarios 1000
        juoku plan simulate --preset late-input --seed 7 --json
        juoku plan simulate --trace arrivals.csv --deadline 1h --rate 400000
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new PlanSimulateCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        IReadOnlyList<Scenario> scenarios = await ScenariosAsync(arguments, cancellation);
        Comparison comparison;
        using (var status = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
        {
            var progress = new Counter(scenarios.Count, status);
            comparison = await Task.Run(() => Comparison.Run(scenarios, arguments.GetValue(_threads), progress, cancellation), CancellationToken.None);
        }

        if (arguments.GetValue(_json)) ComparisonReport.WriteJson(comparison);
        else ComparisonReport.WriteText(comparison, Console.Out);
        return ExitCode.Done;
    }

    private async Task<IReadOnlyList<Scenario>> ScenariosAsync(ParseResult arguments, CancellationToken cancellation)
    {
        (int count, ulong seed) = (arguments.GetValue(_scenarios), arguments.GetValue(_seed));
        if (arguments.GetValue(_trace) is not { } path)
            return arguments.GetValue(_preset) is { } preset ? [.. Enumerable.Range(0, count).Select(i => Preset.Make(preset, seed + (ulong)i))] : [.. Preset.Many(count, seed)];

        IReadOnlyList<Arrival> arrivals = ArrivalTrace.Parse(await File.ReadAllLinesAsync(path, cancellation), path);
        return [.. Enumerable.Range(0, count).Select(i => new Scenario
        {
            Name = path,
            Arrivals = arrivals,
            Deadline = arguments.GetValue(_deadline)!.Value.TotalSeconds,
            Workers = new() { RowsPerSecond = arguments.GetValue(_rate) },
            Seed = seed + (ulong)i,
        })];
    }

    private sealed class Counter(int all, StatusLine status) : IProgress<int>
    {
        private readonly Lock _turn = new();

        public void Report(int value)
        {
            lock (_turn) status.Report($"simulated {value} of {all} runs");
        }
    }
}
