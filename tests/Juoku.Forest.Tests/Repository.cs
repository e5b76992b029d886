namespace Juoku.Forest.Tests;

/// <summary>The working copy that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>Path below the root of the repository.</summary>
    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root(), .. parts]);

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Juoku.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} has Juoku.slnx.");
    }
}
