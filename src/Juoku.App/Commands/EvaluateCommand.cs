using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables.Writing;
using Juoku.Learning.Evaluation;
using Juoku.Learning.Reports;

namespace Juoku.App.Commands;

/// <summary><c>juoku evaluate</c>: how good a model is on days of features.</summary>
internal sealed class EvaluateCommand : Command, IHasExample
{
    private readonly Option<string> _model = new("--model", "-m") { Description = "Model: ctr, ctr/12, ctr@champion, or the path of a model.txt.", HelpName = "model", Required = true };
    private readonly Option<string> _set = new("--set") { Description = "Feature set to score.", HelpName = "name", Required = true };
    private readonly Option<DateOnly?> _from = DayOption.Of("--from", "First day.", isRequired: true);
    private readonly Option<DateOnly?> _to = DayOption.Of("--to", "Last day. [default: the first]", isRequired: false);
    private readonly Option<string?> _report = new("--report", "-r") { Description = "Write a report with plots: one HTML file that opens offline.", HelpName = "file" };
    private readonly SettingOption _store = SettingOption.Store();
    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that decode.", HelpName = "n", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<bool> _json = new("--json") { Description = "Print the metrics as JSON." };

    private EvaluateCommand()
        : base("evaluate", "Score days of a feature set with a model and measure the scores; against the truth where it is known.")
    {
        foreach (Option option in (Option[])[_model, _set, _from, _to, _report, _store, _threads, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku evaluate --model ctr@champion --set ctr --from 2026-11-23 --report report.html
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new EvaluateCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
        DateOnly from = arguments.GetRequiredValue(_from)!.Value;
        EvaluationResult result;
        using (var status = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
        {
            var options = new EvaluationOptions
            {
                Model = arguments.GetRequiredValue(_model),
                Set = arguments.GetRequiredValue(_set),
                From = from,
                To = arguments.GetValue(_to) ?? from,
                Scoring = new ScoringOptions { Threads = arguments.GetValue(_threads), Progress = Console.IsErrorRedirected ? null : new RowStatus(status) },
            };
            result = await new Evaluator(store, Connections.Adapters).RunAsync(options, cancellation);
        }

        string? report = arguments.GetValue(_report);
        if (report is not null) WriteReport(result, report);
        if (arguments.GetValue(_json)) EvaluationReport.WriteJson(result, report);
        else EvaluationReport.WriteText(result, report, Console.Out);
        return ExitCode.Done;
    }

    private static void WriteReport(EvaluationResult result, string path)
    {
        using var file = new WholeFile(path);
        file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(ReportPage.Of(result)));
        file.Commit();
    }

    private sealed class RowStatus(StatusLine status) : IProgress<long>
    {
        public void Report(long value) => status.Report($"scored {value:N0} rows");
    }
}
