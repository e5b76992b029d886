using System.Collections.Immutable;
using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models show</c>.</summary>
internal sealed class ShowCommand : RegistryCommand
{
    private readonly Argument<string> _model = ModelArgument();

    public ShowCommand()
        : base("show", "Show where a model comes from: code, data, configuration, parents, metrics, aliases.") => Arguments.Add(_model);

    /// <inheritdoc/>
    public override string Example => """
        juoku models show ctr@champion
        juoku models show ctr/12 --json
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        ModelManifest manifest = await registry.ResolveAsync(ModelReference.Parse(arguments.GetRequiredValue(_model)), cancellation);
        ImmutableArray<ModelManifest> ancestors = await registry.AncestorsAsync(manifest, cancellation);
        ImmutableArray<AliasState> aliases = await registry.AliasesAsync(manifest.Name, cancellation);
        if (WantsJson(arguments)) WriteJson(json => ModelJson.Write(json, manifest, ancestors, aliases));
        else ModelReport.WriteLineage(manifest, ancestors, aliases, Console.Out);
        return ExitCode.Done;
    }
}
