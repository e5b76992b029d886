using System.Reflection;

namespace Juoku.App;

/// <summary>How to start this program once more.</summary>
internal static class ThisProgram
{
    /// <summary>The command that started this process: an executable of its own, or the host and the assembly it was given.</summary>
    public static string[] Command()
    {
        string path = Environment.ProcessPath ?? throw new InvalidOperationException("This process does not know its own path, which it needs to start others like it.");
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, Assembly.GetEntryAssembly()!.Location] : [path];
    }
}
