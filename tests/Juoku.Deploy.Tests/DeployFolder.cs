using Juoku.Tests.Servers;

namespace Juoku.Deploy.Tests;

/// <summary>The folder <c>deploy</c> of the checkout that the tests were built in.</summary>
internal static class DeployFolder
{
    /// <summary>Path of something in the folder.</summary>
    public static string PathOf(string relative) => Path.GetFullPath(Path.Combine(ServerFolder.PathOf("../../deploy"), relative));

    /// <summary>Text of a file in the folder.</summary>
    public static string Read(string relative) => File.ReadAllText(PathOf(relative));
}
