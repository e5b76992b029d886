namespace Juoku.Learning.Registry;

/// <summary>A file to register with a model.</summary>
/// <param name="Name">Name within the version's folder: <c>model.txt</c>, <c>model.categories.json</c>, <c>report.html</c> …</param>
/// <param name="Content">Its bytes.</param>
public sealed record ModelUpload(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>Takes a file from the disk.</summary>
    public static async Task<ModelUpload> FromFileAsync(string name, string path, CancellationToken cancellation) =>
        new(name, await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false));
}
