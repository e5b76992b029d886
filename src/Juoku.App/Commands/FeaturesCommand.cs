using System.CommandLine;

namespace Juoku.App.Commands;

/// <summary><c>juoku features</c>: logs to features.</summary>
internal static class FeaturesCommand
{
    /// <summary>Makes the command, with one below it for each thing to do.</summary>
    public static Command Create() => new("features", "Make features out of logs, as SQL says.") { new FeaturesBuildCommand(), new FeaturesImportCommand() };
}
