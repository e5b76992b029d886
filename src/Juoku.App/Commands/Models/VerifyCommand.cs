using System.Collections.Immutable;
using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models verify</c>.</summary>
internal sealed class VerifyCommand : RegistryCommand
{
    private readonly Argument<string?> _model = new("model") { Description = "A name, or one version of it; all models when not given.", Arity = ArgumentArity.ZeroOrOne };

    public VerifyCommand()
        : base("verify", "Read models again, every byte, and compare them with the digests of their registration.") => Arguments.Add(_model);

    /// <inheritdoc/>
    public override string Example => """
        juoku models verify
        juoku models verify ctr/12
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        string? text = arguments.GetValue(_model);
        ImmutableArray<CheckedFile> files = text is not null && text.AsSpan().ContainsAny('/', '@')
            ? await VersionAsync(registry, ModelReference.Parse(text), cancellation)
            : await AllAsync(registry, text, cancellation);
        ImmutableArray<CheckedFile> bad = [.. files.Where(file => file.Problem is not null)];
        if (WantsJson(arguments)) WriteJson(json => ModelJson.Write(json, files));
        else if (bad.IsEmpty) ModelReport.WriteVerified(files, Console.Out);
        foreach (CheckedFile file in bad) Console.Error.WriteLine($"juoku: {file.Url}: {file.Problem}");
        return bad.IsEmpty ? ExitCode.Done : ExitCode.BadInput;
    }

    private static async Task<ImmutableArray<CheckedFile>> VersionAsync(ModelRegistry registry, ModelReference reference, CancellationToken cancellation)
    {
        // A version whose manifest is damaged is verified too, so that all its faults are told.
        int version = reference.Version ?? (await registry.ResolveAsync(reference, cancellation)).Version;
        return (await registry.VersionsAsync(reference.Name, cancellation)).Contains(version)
            ? await new ModelVerification(registry).RunAsync(reference.Name, version, cancellation)
            : throw await registry.NotFoundAsync(reference, cancellation);
    }

    private static async Task<ImmutableArray<CheckedFile>> AllAsync(ModelRegistry registry, string? name, CancellationToken cancellation)
    {
        var verification = new ModelVerification(registry);
        var files = new List<CheckedFile>();
        foreach (string model in await registry.SelectNamesAsync(name, cancellation))
        {
            foreach (int version in await registry.VersionsAsync(model, cancellation)) files.AddRange(await verification.RunAsync(model, version, cancellation));
            files.AddRange(await verification.RunAliasesAsync(model, cancellation));
            foreach (int version in await registry.UnfinishedAsync(model, cancellation))
                Console.Error.WriteLine($"{model}/{version} was begun and not finished: its registration is under way, or was killed and left files that nobody reads");
        }

        return [.. files];
    }
}
