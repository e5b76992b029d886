namespace Juoku.Tests.Servers;

/// <summary>
/// The folder <c>tests/servers</c> of the checkout that the tests were built in. Looked for from the tests' own place upwards: paths that
/// the compiler knows are not the machine's where builds are made reproducible.
/// </summary>
public static class ServerFolder
{
    private static string Root { get; } = Find();

    /// <summary>Path of something in the folder.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Juoku.slnx"))) return Path.Combine(folder.FullName, "tests", "servers");
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout.");
    }
}
