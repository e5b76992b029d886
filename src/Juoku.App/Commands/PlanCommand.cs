using System.CommandLine;
using System.CommandLine.Parsing;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Predicting;
using Juoku.Bench;
using Juoku.Bench.Predict;
using Juoku.Scaling.Planning;
using Juoku.Scaling.Prices;

namespace Juoku.App.Commands;

/// <summary><c>juoku plan</c>: how many workers and nodes, when done, what it costs.</summary>
internal sealed class PlanCommand : Command, IHasExample
{
    private const long DefaultPartRows = 1_000_000;
    private const double MostParts = 5e6;

    private readonly Option<double> _records = new("--records") { Description = "Rows to score, such as 1e9.", HelpName = "n", Required = true };

    private readonly Option<TimeSpan?> _deadline = DurationOption.Of("--deadline", "Time to be done in, such as 1h.", most: TimeSpan.FromDays(7), mayBeZero: false);

    private readonly Option<double?> _rate = new("--rate") { Description = "Rows a second of one vCPU.", HelpName = "n" };

    private readonly Option<bool> _measure = new("--measure") { Description = "Measure the rate: juoku predict on all cores of this machine, over their number." };

    private readonly Option<string[]> _instance = new("--instance") { Description = "Instances of the price table; all by default.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };

    private readonly Option<bool> _spot = new("--spot") { Description = "Spot prices, and nodes that are taken away now and then." };

    private readonly Option<string?> _prices = new("--prices") { Description = "Your own price table instead of the examples that come with Juoku.", HelpName = "FILE" };

    private readonly Option<long> _partRows = new("--part-rows") { Description = "Rows of one part.", HelpName = "n", DefaultValueFactory = _ => DefaultPartRows };

    private readonly Option<int> _podVcpu = new("--pod-vcpu") { Description = "vCPUs of one worker.", HelpName = "n", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _maxPods = new("--max-pods") { Description = "Most workers.", HelpName = "n", DefaultValueFactory = _ => 1000 };

    private readonly Option<int> _runs = new("--runs") { Description = "Runs to simulate, fewer where they are long.", HelpName = "n", DefaultValueFactory = _ => 200 };

    private readonly Option<string?> _svg = new("--svg") { Description = "Draw the course of the median run to this file.", HelpName = "FILE" };

    private readonly Option<bool> _json = new("--json") { Description = "Print the plan as JSON." };

    private PlanCommand()
        : base("plan", "Plan a run: workers, nodes, finishing time and cost, simulated under the policy that would scale it.")
    {
        _deadline.Required = true;
        foreach (Option option in (Option[])[_records, _deadline, _rate, _measure, _instance, _spot, _prices, _partRows, _podVcpu, _maxPods, _runs, _svg, _json]) Options.Add(option);
        Subcommands.Add(PlanSimulateCommand.Create());
        Validators.Add(Validate);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku plan --records 1e9 --deadline 1h --rate 250000
        juoku plan --records 1e11 --deadline 1h --measure --spot --instance c7i.8xlarge --svg plan.svg
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new PlanCommand();

    private void Validate(CommandResult result)
    {
        if (result.Children.OfType<CommandResult>().Any()) return;
        if (result.GetResult(_rate) is null == !result.GetValue(_measure)) result.AddError("Give either --rate or --measure.");
        if (result.GetResult(_records) is { Errors: { } none } && !none.Any() && result.GetValue(_records) is not (>= 1 and <= 1e15)) result.AddError("--records: write a number from 1 to 1e15.");
        if (result.GetResult(_rate) is { Implicit: false } && result.GetValue(_rate) is not (> 0 and < double.PositiveInfinity)) result.AddError("--rate: write a number above 0.");
        // An option that was not given has no value here yet, not even its default.
        foreach (Option<int> option in (Option<int>[])[_podVcpu, _maxPods, _runs])
            if (result.GetResult(option) is { Implicit: false } && result.GetValue(option) < 1) result.AddError($"{option.Name}: write a number of at least 1.");
        long rows = result.GetResult(_partRows) is { Implicit: false } ? result.GetValue(_partRows) : DefaultPartRows;
        if (rows < 1) result.AddError("--part-rows: write a number of at least 1.");
        else if (result.GetValue(_records) / rows > MostParts) result.AddError("More than 5 million parts: give a larger --part-rows.");
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        PriceTable prices = PriceFile.Read(arguments.GetValue(_prices));
        PlanRequest request;
        IReadOnlyList<RunPlan> plans;
        using (var progress = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
        {
            request = new PlanRequest
            {
                Records = arguments.GetValue(_records),
                Deadline = arguments.GetRequiredValue(_deadline)!.Value,
                RowsPerSecond = arguments.GetValue(_rate) ?? await Task.Run(() => Measure(progress, cancellation), cancellation),
                Instances = Chosen(prices, arguments.GetValue(_instance) ?? []),
                Spot = arguments.GetValue(_spot),
                PodVcpu = arguments.GetValue(_podVcpu),
                RowsPerPart = arguments.GetValue(_partRows),
                MaxPods = arguments.GetValue(_maxPods),
                Runs = arguments.GetValue(_runs),
            };
            plans = await Task.Run(() => Planner.Plan(request, progress, cancellation), CancellationToken.None);
        }

        if (plans.Count == 0) throw new UsageException($"no instance of the table can hold a worker of {request.PodVcpu} vCPUs{(request.Spot ? " at a spot price" : "")}");
        if (arguments.GetValue(_json)) PlanReport.WriteJson(request, prices, plans);
        else PlanReport.WriteText(request, prices, plans, Console.Out);
        if (arguments.GetValue(_svg) is { } path) await File.WriteAllTextAsync(path, PlanReport.Draw(request, plans[0]), cancellation);
        if (plans[0].MeetsDeadline) return ExitCode.Done;
        Console.Error.WriteLine(PlanReport.WhyNot(request, plans));
        return ExitCode.Failed;
    }

    private static double Measure(IProgress<string> progress, CancellationToken cancellation)
    {
        var report = PredictBenchmark.Run(new BenchmarkOptions { Quick = true }, ThisProgram.Command(), progress, cancellation);
        return report.Cases.Select(measured => measured.RowsPerS).FirstOrDefault(rate => rate > 0) / report.Cores
            ?? throw new BenchmarkException("juoku bench predict measured no rate: give --rate instead.");
    }

    private static InstancePrice[] Chosen(PriceTable prices, string[] names)
    {
        string[] wanted = [.. names.SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        foreach (string name in wanted)
            if (prices.Instances.All(instance => instance.Name != name))
                throw new UsageException($"no instance '{name}' in the price table, which has {string.Join(", ", prices.Instances.Select(instance => instance.Name))}");
        return [.. prices.Instances.Where(instance => wanted.Length == 0 || wanted.Contains(instance.Name))];
    }
}
