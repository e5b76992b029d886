using System.CommandLine;
using Juoku.App.Commands.Models;

namespace Juoku.App.Commands;

/// <summary><c>juoku models</c>: the model registry.</summary>
internal static class ModelsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("models", "The model registry: versions that never change, and aliases such as ctr@champion that move.")
    {
        new ListCommand(),
        new ShowCommand(),
        new VerifyCommand(),
        new PromoteCommand(),
        new RollbackCommand(),
        new ImportCommand(),
        new ExportCommand(),
    };
}
