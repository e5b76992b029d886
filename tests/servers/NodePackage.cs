using System.Security.Cryptography;

namespace Juoku.Tests.Servers;

/// <summary>A program for Node that <c>tests/servers/install</c> has installed, outside the checkout.</summary>
public sealed class NodePackage
{
    /// <param name="name">A folder of tests/servers, with a package-lock.json.</param>
    public NodePackage(string name)
    {
        Sources = ServerFolder.PathOf(name);
        string digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Sources, "package-lock.json"))))[..12];
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache)) cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        Folder = Path.Combine(cache, "juoku", "servers", $"{name}-{digest}");
        Missing = Directory.Exists(Folder) ? null : $"{name} is not installed: run tests/servers/install, which needs npm";
    }

    /// <summary>Why it cannot be run; null when it can.</summary>
    public string? Missing { get; }

    /// <summary>Its folder in the checkout.</summary>
    public string Sources { get; }

    /// <summary>Where its node_modules lie.</summary>
    public string Folder { get; }
}
