using System.CommandLine;
using Juoku.Learning.Registry;

namespace Juoku.App.Commands.Models;

/// <summary><c>juoku models rollback</c>.</summary>
internal sealed class RollbackCommand : RegistryCommand
{
    private readonly Argument<string> _name = NameArgument();
    private readonly Option<string> _alias = new("--alias") { Description = "The alias to move back.", HelpName = "name", DefaultValueFactory = _ => ModelReference.Champion };

    public RollbackCommand()
        : base("rollback", "Let an alias name the version again that it named before; twice goes back two versions.")
    {
        Arguments.Add(_name);
        Options.Add(_alias);
    }

    /// <inheritdoc/>
    public override string Example => "juoku models rollback ctr";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult arguments, CancellationToken cancellation)
    {
        string name = arguments.GetRequiredValue(_name);
        ModelReference.RefuseBadName(name, "a model");
        return Report(await new ModelPromotion(registry).RollbackAsync(name, arguments.GetRequiredValue(_alias), cancellation), arguments);
    }
}
