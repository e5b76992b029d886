using System.CommandLine;
using Juoku.App.Terminal;
using Juoku.Learning.Evaluation;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models promote</c>.</summary>
internal sealed class PromoteCommand : RegistryCommand
{
    private readonly Argument<string> _model = new("model") { Description = "The version to promote: ctr/12, or ctr@latest for the newest." };
    private readonly Option<string> _alias = new("--alias") { Description = "The alias to move; only the champion has to be earned.", HelpName = "name", DefaultValueFactory = _ => ModelReference.Champion };
    private readonly Option<bool> _force = new("--force") { Description = "Promote even what is worse than the champion, or cannot be compared with it." };
    private readonly Option<double> _tolerance = new("--tolerance") { Description = "How much higher the log loss may be, relative to the champion's.", HelpName = "share", DefaultValueFactory = _ => new PromotionOptions().Tolerance };

    public PromoteCommand()
        : base("promote", "Let an alias name a version, unless it is worse than the champion on the same held-out days.")
    {
        Arguments.Add(_model);
        foreach (Option option in (Option[])[_alias, _force, _tolerance]) Options.Add(option);
    }

    /// <inheritdoc/>
    public override string Example => """
        juoku models promote ctr@latest
        juoku models promote ctr/12 --alias canary
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        PromotionResult result;
        using (var status = new StatusLine(Console.Error, isTerminal: !Console.IsErrorRedirected))
        {
            var options = new PromotionOptions
            {
                Alias = arguments.GetRequiredValue(_alias),
                Force = arguments.GetValue(_force),
                Tolerance = arguments.GetValue(_tolerance),
                Evaluate = new HeldOutEvaluator(registry, Connections.Adapters, Console.IsErrorRedirected ? null : status).RunAsync,
            };
            result = await new ModelPromotion(registry).PromoteAsync(ModelReference.Parse(arguments.GetRequiredValue(_model)), options, cancellation);
        }

        return Report(result, arguments);
    }
}
