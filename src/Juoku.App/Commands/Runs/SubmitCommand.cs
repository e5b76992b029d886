using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands.Runs;

/// <summary><c>juoku run submit</c>.</summary>
internal sealed class SubmitCommand : StoredRunCommand
{
    private readonly Option<string> _model = new("--model", "-m") { Description = "ctr@champion, ctr/12, or the path of a model.txt; pinned by digest now.", HelpName = "model", Required = true };
    private readonly Option<string> _input = new("--input", "-i") { Description = "Folder of table files, or one file: a name in the store, ./path or URL.", HelpName = "place", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "Folder of the set of predictions: a name in the store, ./path or URL.", HelpName = "place", Required = true };

    private readonly Option<string[]> _key = new("--key", "-k")
    {
        Description = "Columns to carry over to the output.",
        HelpName = "column,…",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<TimeSpan?> _deadline = DurationOption.Of("--deadline", "Time from now until the predictions have to be there: 1h, 30m.");
    private readonly Option<int?> _partRows = new("--part-rows") { Description = "Cut Parquet files into parts of at most so many rows, at row groups.", HelpName = "n" };
    private readonly Option<double> _rejects = new("--max-reject-share") { Description = "Share of a part's rows that may be set aside as bad; beyond it the part is rejected.", HelpName = "share", DefaultValueFactory = _ => new RunSettings().MaxRejectShare };
    private readonly Option<bool> _raw = new("--raw") { Description = "Write raw scores instead of predictions." };
    private readonly Option<bool> _float = new("--float") { Description = "Write scores as 32-bit floats." };
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "CSV and TSV begin with a row, not with names: columns go by position." };

    private readonly Option<bool> _standing = new("--standing") { Description = "Not now, but for each day below --input once its _SUCCESS is there: announced to the queue by S3, or found by the controller." };

    public SubmitCommand()
        : base("submit", "Plan a run and put its parts on the queue; the same run submitted twice is one run.", needsQueue: true)
    {
        foreach (Option option in (Option[])[_model, _input, _output, _key, _deadline, _partRows, _rejects, _raw, _float, _noHeader, _standing]) Options.Add(option);
    }

    /// <inheritdoc/>
    public override string Example => """
        juoku run submit --model ctr@champion --input features/ctr/dt=2026-11-23 --output predictions/ctr --key impression_id --deadline 1h
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(StorePool pool, IStore store, ParseResult arguments, CancellationToken cancellation)
    {
        Settings settings = SettingsOf(arguments);
        StoreLocation input = StoreLocation.Parse(arguments.GetRequiredValue(_input), settings.Store);
        StoreLocation output = StoreLocation.Parse(arguments.GetRequiredValue(_output), settings.Store);
        RunSettings run = SettingsOfRun(arguments);
        TimeSpan? deadline = arguments.GetValue(_deadline);
        (var model, var metrics) = await RegisteredModel.PinAsync(arguments.GetRequiredValue(_model), store, cancellation);
        if (arguments.GetValue(_standing))
        {
            var standing = new StandingRun { Model = arguments.GetRequiredValue(_model), Input = input, Output = output, Settings = run, Gate = settings.Gate, DeadlineSeconds = deadline?.TotalSeconds };
            await StandingRuns.PutAsync(store, standing, cancellation);
            Console.Error.WriteLine($"each day below {input.In(settings.Store)} becomes a run of {output.Name} when its _SUCCESS is announced, or found by the controller");
            return ExitCode.Done;
        }

        var request = new RunRequest { Model = model, ModelMetrics = metrics, Input = input, Output = output, Deadline = deadline, Gate = settings.Gate, Settings = run };
        RunPlan plan = await new RunPlanner(store, pool, TimeProvider.System).PlanAsync(request, cancellation);
        await using IQueue queue = OpenQueue(arguments);
        Submitted submitted = await new RunSubmission(store, pool, queue).SubmitAsync(plan, cancellation);
        RunStatus status = await new RunObserver(submitted.Run, TimeProvider.System).LookAsync(cancellation);
        if (WantsJson(arguments)) RunReport.WriteJson(status);
        else Console.Out.WriteLine(status.Run);
        string also = submitted.IsNew ? "" : status.IsSettled ? $"; it was submitted before and is {RunReport.Name(status.State)}" : "; it was submitted before and goes on";
        Console.Error.WriteLine($"{status.Parts} parts, {submitted.Sent} messages to {queue.Url}{also}");
        return ExitCode.Done;
    }

    private RunSettings SettingsOfRun(ParseResult arguments) => new()
    {
        Keys = [.. (arguments.GetValue(_key) ?? []).SelectMany(keys => keys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        Raw = arguments.GetValue(_raw),
        Float = arguments.GetValue(_float),
        HasHeader = !arguments.GetValue(_noHeader),
        MaxRejectShare = arguments.GetValue(_rejects),
        PartRows = arguments.GetValue(_partRows),
    };
}
