using System.Collections.Immutable;
using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models list</c>.</summary>
internal sealed class ListCommand : RegistryCommand
{
    private readonly Argument<string?> _name = new("name") { Description = "Only this model's versions.", Arity = ArgumentArity.ZeroOrOne };

    public ListCommand()
        : base("list", "List models and their versions, the newest first.") => Arguments.Add(_name);

    /// <inheritdoc/>
    public override string Example => """
        juoku models list
        juoku models list ctr --store s3://ads/juoku --json
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        ImmutableArray<string> names = await registry.SelectNamesAsync(arguments.GetValue(_name), cancellation);
        ModelListing listing = await ModelListing.OfAsync(registry, names, cancellation);
        if (WantsJson(arguments)) WriteJson(json => ModelJson.Write(json, listing));
        else if (listing.Versions.IsEmpty) Console.Error.WriteLine($"{registry.Url} holds no models; 'juoku train' and 'juoku models import' register some");
        else ModelReport.WriteList(listing, Console.Out);
        foreach (string problem in listing.Problems) Console.Error.WriteLine($"juoku: {problem}");
        return listing.Problems.IsEmpty && listing.Versions.All(version => version.Problem is null) ? ExitCode.Done : ExitCode.BadInput;
    }
}
