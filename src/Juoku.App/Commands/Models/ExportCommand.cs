using System.CommandLine;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models export</c>.</summary>
internal sealed class ExportCommand : RegistryCommand
{
    private readonly Argument<string> _model = ModelArgument();
    private readonly Option<string> _output = new("--output", "-o") { Description = "A new folder.", HelpName = "dir", Required = true };

    public ExportCommand()
        : base("export", "Copy a model with its lineage into a folder, to bake into an image or to import elsewhere.")
    {
        Arguments.Add(_model);
        Options.Add(_output);
    }

    /// <inheritdoc/>
    public override string Example => """
        juoku models export ctr@champion --output model
        juoku predict --model model/model.txt --input impressions.parquet --output predictions.parquet
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        ModelManifest manifest = await registry.ResolveAsync(ModelReference.Parse(arguments.GetRequiredValue(_model)), cancellation);
        string folder = arguments.GetRequiredValue(_output);
        await ModelExport.RunAsync(registry, manifest, folder, cancellation);
        if (WantsJson(arguments)) WriteJson(json => ModelJson.Write(json, manifest));
        else Console.Out.WriteLine($"{folder}  {manifest.Reference}  sha256:{manifest.Digest}");
        return ExitCode.Done;
    }
}
