using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.App.Terminal;
using Juoku.Learning.Sampling;

namespace Juoku.App.Commands;

/// <summary><c>juoku sample</c>: generated impressions and a model, to try the other commands on.</summary>
internal sealed class SampleCommand : Command, IHasExample
{
    private readonly Option<string> _output = new("--output", "-o") { Description = "Folder for the files; made where it does not exist.", HelpName = "dir", Required = true };

    private readonly Option<int> _rows = new("--rows")
    {
        Description = "Impressions to predict, and as many others to train on.",
        HelpName = "n",
        DefaultValueFactory = _ => new SampleOptions { Folder = "" }.Rows,
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Same seed, same bytes.", HelpName = "n", DefaultValueFactory = _ => new SampleOptions { Folder = "" }.Seed };

    private readonly Option<bool> _json = new("--json") { Description = "Print the paths of the files as JSON." };

    private SampleCommand()
        : base("sample", "Generate ad impressions with known chances of a click, and train a small model on others of their kind.")
    {
        foreach (Option option in (Option[])[_output, _rows, _seed, _json]) Options.Add(option);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku sample --output sample
        juoku predict --model sample/model.txt --input sample/impressions.parquet --output predictions.parquet --key impression_id --label clicked
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new SampleCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var options = new SampleOptions
        {
            Folder = arguments.GetRequiredValue(_output),
            Rows = arguments.GetValue(_rows),
            Seed = arguments.GetValue(_seed),
        };
        SampleFiles files;
        using (var progress = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
            files = await Task.Run(() => ClickSample.Write(options, progress, cancellation), cancellation);

        if (arguments.GetValue(_json))
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(files, SampleJson.Default.SampleFiles));
            return ExitCode.Done;
        }

        foreach (string path in files.All)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}  {new FileInfo(path).Length:N0} bytes"));
        return ExitCode.Done;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SampleFiles))]
internal sealed partial class SampleJson : JsonSerializerContext;
