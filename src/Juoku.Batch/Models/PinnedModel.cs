using System.Security.Cryptography;
using System.Text;

namespace Juoku.Batch.Models;

/// <summary>A model that stays the same whatever is promoted meanwhile: where its files lie, and what their bytes must be.</summary>
/// <param name="Name">What people call it: <c>ctr/12</c>, or the path it was read from.</param>
/// <param name="Store">URL of the store that holds it.</param>
/// <param name="Folder">Key prefix of its files, such as <c>models/ctr/12/</c>.</param>
/// <param name="Digest">SHA-256 of <c>model.txt</c>, in hexadecimal.</param>
/// <param name="Files">The files that scoring needs: <c>model.txt</c>, and beside it the category map and the calibration where there are any.</param>
public sealed record PinnedModel(string Name, string Store, string Folder, string Digest, IReadOnlyList<PinnedFile> Files)
{
    /// <summary>Name of the model text.</summary>
    public const string ModelFile = "model.txt";

    /// <summary>Name of the category map beside it; a model of numbers alone has none.</summary>
    public const string CategoriesFile = "model.categories.json";

    /// <summary>Name of the recalibration beside it, where there is one.</summary>
    public const string CalibrationFile = "model.calibration.json";

    /// <summary>SHA-256 over the names and digests of all files: the same trees with another category map are another model.</summary>
    public string ContentDigest()
    {
        IEnumerable<string> lines = Files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => $"{file.Sha256}  {file.Name}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>Pins a model that lies in a folder, with the files beside it that belong to it.</summary>
    /// <param name="path">The model text; it must be named <c>model.txt</c>, as those of a registry are.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ModelFilesException">The file is not there, or bears another name.</exception>
    public static async Task<PinnedModel> OfFileAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new ModelFilesException(path, "no such model file", isMissing: true);
        if (Path.GetFileName(path) != ModelFile) throw new ModelFilesException(path, $"a model that others shall fetch must be named {ModelFile}; rename it, or import it into the registry");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var files = new List<PinnedFile>();
        foreach (string name in (string[])[ModelFile, CategoriesFile, CalibrationFile])
        {
            if (!File.Exists(Path.Combine(folder, name))) continue;
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(folder, name), cancellation).ConfigureAwait(false);
            files.Add(new PinnedFile(name, Convert.ToHexStringLower(SHA256.HashData(content))));
        }

        return new PinnedModel(path, new Uri(folder).AbsoluteUri, "", files[0].Sha256, files);
    }
}

/// <summary>A file of a pinned model.</summary>
/// <param name="Name">Name within the folder.</param>
/// <param name="Sha256">Digest of its bytes, in hexadecimal.</param>
public sealed record PinnedFile(string Name, string Sha256);
