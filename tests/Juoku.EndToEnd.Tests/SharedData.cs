namespace Juoku.EndToEnd.Tests;

/// <summary>Real files that lie beside the repository on some machines.</summary>
internal static class SharedData
{
    /// <summary>Path of a shared file; skips the test, with the reason, where it is absent.</summary>
    public static string Require(string name)
    {
        string path = Path.Combine(Repository.Root, "..", "shared", name);
        Assert.SkipUnless(File.Exists(path), $"../shared/{name} is not there");
        return path;
    }
}
