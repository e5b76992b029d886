using System.CommandLine;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models import</c>.</summary>
internal sealed class ImportCommand : RegistryCommand
{
    private readonly Argument<string> _path = new("path") { Description = "A LightGBM text model, or a folder that 'models export' made." };
    private readonly Option<string> _name = new("--name") { Description = "Name of the model in the registry.", HelpName = "name", Required = true };
    private readonly Option<string?> _categories = new("--categories") { Description = "Its category file. [default: the .categories.json beside it, if there is one]", HelpName = "file" };

    public ImportCommand()
        : base("import", "Register a model that was made elsewhere, if it can be scored exactly.")
    {
        Arguments.Add(_path);
        Options.Add(_name);
        Options.Add(_categories);
    }

    /// <inheritdoc/>
    public override string Example => "juoku models import sample/model.txt --name ctr";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        ModelManifest manifest = await ModelImport.RunAsync(
            registry, arguments.GetRequiredValue(_name), arguments.GetRequiredValue(_path), arguments.GetValue(_categories), cancellation);
        if (WantsJson(arguments)) WriteJson(json => ModelJson.Write(json, manifest));
        else Console.Out.WriteLine($"{manifest.Reference}  sha256:{manifest.Digest}");
        return ExitCode.Done;
    }
}
