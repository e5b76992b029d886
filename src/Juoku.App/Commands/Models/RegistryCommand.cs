using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Juoku.App.Configuration;
using Juoku.Batch.Stores;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary>A command on the registry of the store that <c>--store</c> or the settings name.</summary>
internal abstract class RegistryCommand : Command, IHasExample
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    protected RegistryCommand(string name, string description)
        : base(name, description)
    {
        Options.Add(SettingOption.Store());
        Options.Add(_json);
        SetAction(async (arguments, cancellation) =>
        {
            await using IStore store = Connections.Adapters.OpenStore(EffectiveSettings.Load(arguments).Values.Store);
            return await RunAsync(new ModelRegistry(store), arguments, cancellation);
        });
    }

    /// <inheritdoc/>
    public abstract string Example { get; }

    /// <summary>The argument that names a model in any of the ways there are.</summary>
    protected static Argument<string> ModelArgument() => new("model") { Description = "ctr/12 for a version, ctr@champion for an alias; ctr alone is ctr@champion." };

    /// <summary>The argument that names a model whatever its version.</summary>
    protected static Argument<string> NameArgument() => new("name") { Description = "Name of the model, such as ctr." };

    /// <summary>Carries the command out; returns the exit code.</summary>
    protected abstract Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation);

    /// <summary>Whether JSON is wanted.</summary>
    protected bool WantsJson(ParseResult arguments) => arguments.GetValue(_json);

    /// <summary>Prints a JSON document.</summary>
    protected static void WriteJson(Action<Utf8JsonWriter> write)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, Readable)) write(json);
        output.WriteByte((byte)'\n');
    }

    /// <summary>Tells how a move of an alias ended.</summary>
    protected int Report(PromotionResult result, ParseResult arguments)
    {
        if (WantsJson(arguments)) WriteJson(json => ModelJson.Write(json, result));
        else if (result.IsDone) Console.Out.WriteLine(result.Comparison is null ? result.Message : $"{result.Message}{Environment.NewLine}{result.Comparison}");
        if (!result.IsDone) Console.Error.WriteLine($"juoku: {result.Message}");
        return result.IsDone ? ExitCode.Done : ExitCode.Failed;
    }
}
