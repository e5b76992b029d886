using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Terminal;
using Juoku.Batch.Predicting;
using Juoku.Batch.Tables.Writing;

namespace Juoku.App.Commands;

/// <summary><c>juoku predict</c>: files in, predictions out.</summary>
internal sealed class PredictCommand : Command, IHasExample
{
    private readonly Option<string> _model = new("--model", "-m") { Description = "LightGBM text model, or one of the registry: ctr@champion, ctr/12.", HelpName = "file|model", Required = true };

    private readonly Option<string[]> _input = new("--input", "-i")
    {
        Description = "Parquet, CSV or TSV (also .gz, .zst): files, a directory (in name order), or a glob.",
        HelpName = "file|dir|glob",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "A .parquet, .csv or .tsv file (also .gz, .zst), or a directory that gets one file per input.",
        HelpName = "file|dir",
        Required = true,
    };

    private readonly Option<string[]> _key = new("--key", "-k")
    {
        Description = "Columns to carry over to the output, by name (by position, from 0, without a header).",
        HelpName = "column,…",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _raw = new("--raw") { Description = "Write raw scores instead of predictions." };

    private readonly Option<bool> _noCalibration = new("--no-calibration") { Description = "Leave out the calibration that lies beside the model." };

    private readonly Option<bool> _float = new("--float") { Description = "Write predictions as floats: half the size, seven digits." };

    private readonly Option<bool> _noHeader = new("--no-header") { Description = "CSV and TSV begin with a row, not with names: columns go by position." };

    private readonly Option<string?> _label = new("--label") { Description = "Column to measure the predictions against: AUC, log loss, calibration.", HelpName = "column" };

    private readonly Option<int?> _labelColumn = new("--label-column") { Description = "The same by position, from 0.", HelpName = "n" };

    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "Threads that decode and score.",
        HelpName = "n",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly SettingOption _store = SettingOption.Store();

    private readonly Option<bool> _json = new("--json") { Description = "Print the summary as JSON." };

    private PredictCommand()
        : base("predict", "Predict a model's score for every row of tables, bit for bit as LightGBM does.")
    {
        foreach (Option option in (Option[])[_model, _input, _output, _key, _raw, _float, _noCalibration, _noHeader, _label, _labelColumn, _threads, _store, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku predict --model model.txt --input impressions.parquet --output predictions.parquet --key user_id,ad_id
        juoku predict --model model.txt --input test.tsv --no-header --label-column 0 --output scores.csv
        juoku predict --model ctr@champion --input 'features/dt=2026-11-23/*.parquet' --output predictions/
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new PredictCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var options = new PredictionOptions
        {
            Model = arguments.GetRequiredValue(_model),
            Inputs = [.. arguments.GetRequiredValue(_input)],
            Output = arguments.GetRequiredValue(_output),
            Keys = [.. (arguments.GetValue(_key) ?? []).SelectMany(keys => keys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
            Raw = arguments.GetValue(_raw),
            Calibrate = !arguments.GetValue(_noCalibration),
            ScoreType = arguments.GetValue(_float) ? ScoreType.Float : ScoreType.Double,
            HasHeader = !arguments.GetValue(_noHeader),
            Label = arguments.GetValue(_label),
            LabelColumn = arguments.GetValue(_labelColumn),
            Threads = arguments.GetValue(_threads),
        };
        options.Validate(); // before anything is looked up: what is wrong with the command line is said first
        options = options with { Model = await RegisteredModel.LocateAsync(options.Model, arguments, cancellation) };
        var progress = new PredictionProgress();
        Task<PredictionSummary> work = Task.Run(() => Prediction.RunAsync(options, progress, cancellation), CancellationToken.None);
        if (!Console.IsErrorRedirected) await ProgressBar.ShowAsync(progress, work);
        PredictionSummary summary = await work;
        if (arguments.GetValue(_json)) PredictionReport.WriteJson(summary);
        else PredictionReport.WriteText(summary, Console.Out);
        return ExitCode.Done;
    }
}
