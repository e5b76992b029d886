using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Juoku.App.Demo;
using Juoku.Batch.Predicting;

namespace Juoku.App.Commands;

/// <summary><c>juoku demo</c>: the whole loop on this machine, by the commands that its reader would type.</summary>
internal sealed class DemoCommand : Command, IHasExample
{
    private const int FewestUsers = 20_000;
    private const string Set = "ctr";
    private const string FirstDay = "2026-11-01";
    private const string FirstTrainingDay = "2026-11-08";
    private const string LastTrainingDay = "2026-11-16";
    private const string NextDay = "2026-11-17";

    private readonly Option<string> _output = new("--output", "-o") { Description = "Folder for everything the demo makes; must not exist yet, or be empty.", HelpName = "dir", DefaultValueFactory = _ => "demo" };

    private readonly Option<int> _users = new("--users") { Description = "People in the generated world; each sees about one ad a day.", HelpName = "n", DefaultValueFactory = _ => 60_000 };

    private readonly Option<bool> _json = new("--json") { Description = "Print the result as JSON." };

    private DemoCommand()
        : base("demo", "The whole loop on this machine in about a minute: generated logs → features → model → registry → run → workers → predictions.")
    {
        foreach (Option option in (Option[])[_output, _users, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku demo
        juoku demo --output /tmp/demo --users 200000
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new DemoCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        string folder = arguments.GetRequiredValue(_output);
        int users = arguments.GetValue(_users);
        if (users < FewestUsers) throw new UsageException($"--users {users}: too few clicks to learn from; ask for {FewestUsers} or more");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new UsageException($"{folder} is not empty; remove it, or choose another --output");
        Directory.CreateDirectory(folder);

        long start = Stopwatch.GetTimestamp();
        string store = Path.Combine(folder, "data"), queue = $"sqlite:{Path.Combine(folder, "data", "queue.db")}", report = Path.Combine(folder, "report.html");
        var steps = new DemoSteps(store, queue, Console.Error);
        await steps.RunAsync(cancellation, "generate", "--users", Text(users), "--ads", "300", "--days", "17", "--start", FirstDay, "--output", store);
        await steps.RunAsync(cancellation, "features", "build", "--set", Set, "--day", FirstTrainingDay, "--to", NextDay);
        await steps.RunAsync(cancellation, "train", "--set", Set, "--from", FirstTrainingDay, "--to", LastTrainingDay, "--name", Set);
        await steps.RunAsync(cancellation, "models", "promote", $"{Set}/1");

        JsonElement run;
        await using (steps.Start("up"))
        {
            JsonElement submitted = await steps.RunAsync(cancellation, "run", "submit", "--model", $"{Set}@champion", "--input", $"features/{Set}/dt={NextDay}",
                "--output", $"predictions/{Set}", "--key", "impression_id,user_id,ad_id", "--deadline", "5m");
            run = await steps.RunAsync(cancellation, "run", "wait", submitted.GetProperty("run").GetString()!);
        }

        JsonElement evaluation = await steps.RunAsync(cancellation, "evaluate", "--model", $"{Set}@champion", "--set", Set, "--from", NextDay, "--report", report);
        var result = new DemoResult(run, evaluation, store, report, Stopwatch.GetElapsedTime(start));
        if (arguments.GetValue(_json)) Console.Out.WriteLine(result.ToJson());
        else Console.Out.Write(result.ToText());
        return ExitCode.Done;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
