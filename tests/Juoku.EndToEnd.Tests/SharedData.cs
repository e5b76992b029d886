namespace Juoku.EndToEnd.Tests;

/// <summary>Real files that lie beside the repository on some machines.</summary>
internal static class SharedData
{
    /// <summary>Path of a shared file; skips the test, with the reason, where it is absent.</summary>
    public static string Require(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Juoku.slnx"))) continue;
            string path = Path.Combine(folder.Parent!.FullName, "shared", name);
            Assert.SkipUnless(File.Exists(path), $"../shared/{name} is not there");
            return path;
        }

        Assert.Skip("the tests do not run inside the repository, so ../shared cannot be found");
        return "";
    }
}
