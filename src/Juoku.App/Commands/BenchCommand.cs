using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Batch.Predicting;
using Juoku.Bench;
using Juoku.Bench.Forest;
using Juoku.Bench.Predict;
using Juoku.Bench.Results;
using Juoku.Bench.Run;

namespace Juoku.App.Commands;

/// <summary><c>juoku bench</c>: this machine's figures, and the README's table of them.</summary>
internal static class BenchCommand
{
    private const string ResultsFolder = "bench/results";

    /// <summary>Makes the command, to be added to the root command.</summary>
    public static Command Create()
    {
        var bench = new ExampleCommand("bench", "This machine's figures, beside those of others.", """
            juoku bench forest --quick
            juoku bench predict --json
            """);
        var cases = new Option<string[]>("--case") { Description = "Run this case only; may be given more than once.", HelpName = "NAME" };
        var threadTime = new Option<bool>("--thread-time") { Description = "Time one-thread scoring by the thread's processor time: for a look where other work keeps the cores busy." };
        cases.AcceptOnlyFromAmong([.. ForestBenchmark.CaseNames]);
        bench.Subcommands.Add(Measuring(
            "forest", "Score rows on one thread, beside LightGBM and ONNX Runtime; load a model; score one row. Models are trained once and kept in a cache folder.",
            "juoku bench forest --json --save",
            (result, options, progress, cancel) => ForestBenchmark.Run(options with { Cases = [.. result.GetValue(cases) ?? []], ThreadTime = result.GetValue(threadTime) }, progress, cancel), cases, threadTime));
        bench.Subcommands.Add(Measuring(
            "predict", "Run juoku predict, Parquet to Parquet on all cores, beside DuckDB reading the same columns. The file is made once and kept in a cache folder.",
            "juoku bench predict --json",
            (_, options, progress, cancel) => PredictBenchmark.Run(options, ThisProgram.Command(), progress, cancel)));
        var store = new Option<string?>("--store") { Description = "Store to read and write instead of a folder; needs --queue.", HelpName = "url" };
        var queue = new Option<string?>("--queue") { Description = "Queue to use instead of a file.", HelpName = "url" };
        bench.Subcommands.Add(Measuring(
            "run", "Do a run of many parts with a worker on all cores, beside juoku predict over the same files.",
            "juoku bench run --json",
            (result, options, progress, cancel) => RunBenchmark.RunAsync(options, ThisProgram.Command(), Connections.Adapters, Remote(result.GetValue(store), result.GetValue(queue)), progress, cancel).GetAwaiter().GetResult(), store, queue));
        bench.Subcommands.Add(Measuring(
            "up", "Submit runs to juoku up with workers that start late, and hold the simulator of juoku plan against them.",
            "juoku bench up",
            (_, options, progress, cancel) => UpBenchmark.RunAsync(options, ThisProgram.Command(), Connections.Adapters, progress, cancel).GetAwaiter().GetResult()));
        bench.Subcommands.Add(Table());
        bench.Subcommands.Add(DuckDb());
        bench.Subcommands.Add(MeasureProcess());
        return bench;
    }

    private static Command Measuring(
        string name, string description, string example, Func<ParseResult, BenchmarkOptions, IProgress<string>, CancellationToken, BenchmarkReport> run, params Option[] more)
    {
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        var quick = new Option<bool>("--quick") { Description = "Fewer rounds and shorter samples: figures to look at, not to keep." };
        var output = new Option<string?>("--output") { Description = "Write the JSON to this file too.", HelpName = "FILE" };
        var save = new Option<bool>("--save") { Description = $"Keep the figures as this processor's under {ResultsFolder}." };
        var command = new ExampleCommand(name, description, example) { json, quick, output, save };
        foreach (Option option in more) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            // Kept figures replace those that were kept before, so they have to be all of them, measured in full.
            Option? other = more.Prepend(quick).FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (result.GetValue(save) && other is not null) result.AddError($"--save keeps figures that were measured in full: leave out {other.Name}.");
        });
        command.SetAction(async (result, cancel) =>
        {
            BenchmarkReport report;
            using (var progress = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
            {
                // Benchmarks compute and wait; a thread of their own leaves this one free to hear Ctrl+C.
                report = await Task.Run(() => run(result, new BenchmarkOptions { Quick = result.GetValue(quick) }, progress, cancel), cancel);
            }

            Console.Out.Write(result.GetValue(json) ? report.ToJson() + "\n" : ReportTable.Render(report));
            if (result.GetValue(output) is { } path) await File.WriteAllTextAsync(path, report.ToJson() + "\n", cancel);
            if (result.GetValue(save)) Console.Error.WriteLine($"kept in {MachineResults.Save(ResultsFolder, report)}");
            return report.Cases.Any(measured => measured.Exact == false) ? 1 : 0;
        });
        return command;
    }

    private static (string Store, string Queue)? Remote(string? store, string? queue) => (store, queue) switch
    {
        (null, null) => null,
        ({ } where, { } by) => (where, by),
        _ => throw new UsageException("--store and --queue go together: give both, or neither"),
    };

    private static Command Table()
    {
        var results = new Option<string>("--results") { Description = "Folder of results.", DefaultValueFactory = _ => ResultsFolder, HelpName = "DIR" };
        var readme = new Option<string>("--readme") { Description = "File whose table to make anew.", DefaultValueFactory = _ => "README.md", HelpName = "FILE" };
        var check = new Option<bool>("--check") { Description = "Change nothing; fail where the table is not that of the results." };
        var command = new ExampleCommand("table", "Make the README's table of figures from the kept results.", "juoku bench table --check") { results, readme, check };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(readme);
            string before = File.ReadAllText(path);
            string after = ReadmeTable.Update(before, Directory.GetFiles(result.GetRequiredValue(results), "*.json").Order(StringComparer.Ordinal).Select(MachineResults.Read));
            if (before == after) return 0;
            if (!result.GetValue(check))
            {
                File.WriteAllText(path, after);
                return 0;
            }

            Console.Error.WriteLine($"{path}: its table is not that of {result.GetValue(results)}; run 'juoku bench table'.");
            return 1;
        });
        return command;
    }

    private static Command DuckDb()
    {
        var input = new Option<string>("--input") { Required = true };
        var threads = new Option<int>("--threads") { Required = true };
        var command = new Command(PredictBenchmark.DuckDbCommand, "Sum a file's columns with DuckDB; bench predict runs this in a process of its own.") { input, threads };
        command.Hidden = true;
        command.SetAction(result => Console.Out.WriteLine(DuckDbRead.Run(result.GetRequiredValue(input), result.GetValue(threads)).ToJson()));
        return command;
    }

    private static Command MeasureProcess()
    {
        var output = new Option<string>("--stdout") { Required = true };
        var error = new Option<string>("--stderr") { Required = true };
        var arguments = new Argument<string[]>("command");
        var command = new Command(ChildProcess.MeasuringCommand, "Run a command and print what it cost; bench predict runs others through this.") { output, error, arguments };
        command.Hidden = true;
        command.SetAction(result =>
            Console.Out.WriteLine(ChildProcess.Run(result.GetRequiredValue(arguments), result.GetRequiredValue(output), result.GetRequiredValue(error)).ToJson()));
        return command;
    }

    private sealed class ExampleCommand(string name, string description, string example) : Command(name, description), IHasExample
    {
        public string Example => example;
    }
}
